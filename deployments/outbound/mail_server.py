"""A mail server, as a URL names it.

`smtps://user:password@host` speaks TLS from the first byte (465), `smtp://` turns to it before anything is said (587),
or there is no mail, and `smtp+plain://` never does (25), as for one on this machine.
"""

from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

Security = Literal["smtps", "smtp", "smtp+plain"]
PORTS: Final[dict[str, int]] = {"smtps": 465, "smtp": 587, "smtp+plain": 25}


@dataclass(frozen=True, kw_only=True)
class Server:
    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"


def server_of(url: str) -> Server:
    """Raises ValueError, in words that follow the setting's name."""
    parts = urlsplit(url)
    scheme: Security | None = next((each for each in ("smtps", "smtp", "smtp+plain") if each == parts.scheme), None)
    if scheme is None or not parts.hostname:
        raise ValueError("is no address of a mail server")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if user and scheme == "smtp+plain":
        raise ValueError("would send user and password as others can read them")
    return Server(
        host=parts.hostname, port=parts.port or PORTS[scheme], security=scheme, user=user, password=password
    )  # fmt: skip
