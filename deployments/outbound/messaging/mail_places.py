"""An address of apprise's for mail, which names its own server: read by apprise, sent to by us."""

from typing import NamedTuple

from deployments.outbound.mail_server import Security, Server
from deployments.outbound.messaging import places
from deployments.outbound.messaging.places import Unsendable


class MailPlace(NamedTuple):
    server: Server
    #: such as Tealgate <tealgate@example.com>
    sender: str
    to: str


def found(url: str) -> MailPlace:
    """Raises ValueError, with a sentence."""
    try:
        plugin = places.plugin_of(url, site_url="")
    except Unsendable as why:
        raise ValueError(str(why)) from why
    securities: dict[str, Security] = {"ssl": "smtps", "starttls": "smtp", "insecure": "smtp+plain"}
    server = Server(
        host=plugin.smtp_host, port=plugin.port, security=securities[plugin.secure_mode],
        user=plugin.user or "", password=plugin.password or "",
    )  # fmt: skip
    name, sender = plugin.from_addr
    return MailPlace(server, f"{name or 'Tealgate'} <{sender}>", plugin.targets[0][1])
