"""What smoke checks are sent to, and whether its name is known here. Name servers are asked, nothing is sent there.

Never an error: a page and a worker may ask different name servers, and a name that only a VPC knows is known in it.
"""

from collections.abc import Iterable, Iterator

from deployments.frozen import EnvironmentSettings
from deployments.outbound import naming
from deployments.outbound.addresses import Address
from deployments.outbound.errors import FetchError
from deployments.preflight.report import Result, error, ok, warning


def check(settings: EnvironmentSettings, seconds: float = naming.SECONDS) -> Iterator[Result]:
    """smoke-checks"""
    if not settings.smoke_checks:
        return
    if not settings.test_url:
        yield error(
            "smoke-checks",
            "There are smoke checks, but no test URL that they could be sent to.",
            "Give the environment the URL of its test listener, or remove the smoke checks.",
        )
        return
    checks = "; ".join(check.sentence for check in settings.smoke_checks)
    try:
        found = naming.addresses_of(settings.test_url, seconds=seconds)
    except FetchError as trouble:
        yield warning(
            "smoke-checks",
            f"{trouble} Seen from here, no smoke check would arrive. They are sent to {settings.test_url}: {checks}.",
            "Correct the environment's test URL, or add its name to DNS. If only the DNS of a VPC knows the name (a "
            "private hosted zone), let Tealgate's worker, which sends them, ask that DNS; where it does, leave this.",
        )
        return
    yield ok("smoke-checks", f"Smoke checks are sent to {settings.test_url}: {checks}.{_by_ipv6(found)}")


def _by_ipv6(found: Iterable[Address]) -> str:
    if any(address.version == 4 for address in found):
        return ""
    return " Its name has IPv6 addresses only, so Tealgate's worker needs IPv6."
