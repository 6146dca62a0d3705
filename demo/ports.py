"""The demo's ports, each changed by a variable; a taken one is named before anything starts."""

import os
import socket
from dataclasses import dataclass


@dataclass(frozen=True)
class Port:
    variable: str
    default: int
    what: str

    @property
    def number(self) -> int:
        """Raises Trouble when the variable is no port."""
        text = os.environ.get(self.variable) or str(self.default)
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise Trouble(f"{self.variable} is {text!r}, which is no port. Example: {self.variable}={self.default}")
        return int(text)


class Trouble(Exception):
    """The demo cannot start; the message says what to do."""


TEALGATE = Port("TEALGATE_PORT", 8000, "Tealgate itself")
SANDBOX = Port("SANDBOX_PORT", 5555, "the AWS sandbox")
MAIL = Port("SMTP_PORT", 8025, "the mail server")
#: by the listener's port in the sandbox's account
LISTENERS = {
    8080: Port("PRODUCTION_PORT", 8080, "the shop in production"),
    8081: Port("PRODUCTION_TEST_PORT", 8081, "production's test traffic"),
    8082: Port("STAGING_PORT", 8082, "the shop in staging"),
    8083: Port("STAGING_TEST_PORT", 8083, "staging's test traffic"),
    8084: Port("LEGACY_PORT", 8084, "a service that was never set up for blue/green"),
    8085: Port("PAYMENTS_PORT", 8085, "the payments service, to which ECS deploys by canary"),
    8086: Port("PAYMENTS_TEST_PORT", 8086, "the payments service's test traffic"),
    8087: Port("CATALOG_PORT", 8087, "the catalog, to which CodeDeploy deploys on ECS"),
    8088: Port("CATALOG_TEST_PORT", 8088, "the catalog's test traffic"),
    8089: Port("REPORTS_PORT", 8089, "the reports, to which CodeDeploy deploys on instances"),
}
ALL = (TEALGATE, SANDBOX, MAIL, *LISTENERS.values())


def require_free() -> None:
    """Raises Trouble that names every port that is taken, and any that is asked for twice."""
    complaints = []
    used: dict[int, Port] = {}
    for port in ALL:
        if port.number in used:
            complaints.append(
                f"Port {port.number} is asked for twice, by {used[port.number].variable} and {port.variable}. "
                "Give one of them another."
            )
        elif not _is_free(port.number):
            complaints.append(
                f"Port {port.number} ({port.what}) is taken by another program. Stop it, or use another port: "
                f"{port.variable}={_free_one()} make demo"
            )
        used[port.number] = port
    if complaints:
        raise Trouble("\n".join(complaints))


def _is_free(number: int) -> bool:
    with socket.socket() as probe:
        # As the servers do it: connections of a demo that just ended do not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return False
    return True


def _free_one() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number
