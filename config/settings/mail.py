"""The server that takes Tealgate's mail."""

from typing import Any
from urllib.parse import unquote, urlsplit

from config.settings.reading import Reader

_PORTS = {"smtp": 587, "smtps": 465}
_EXAMPLE = "smtps://user:password@email-smtp.eu-central-1.amazonaws.com:465"
_FIX = "Set it to smtp:// or smtps://, user and password if there are any, percent-encoded, and the host."


def mail_server(read: Reader) -> dict[str, Any] | None:
    """As deployments.outbound.mail.MailServer has it, which only whoever sends has loaded."""
    #: Takes mail to people: `smtps://user:password@host:465`, or `smtp://…:587`, which is encrypted by STARTTLS where
    #: the server offers it, and always where there is a password. Without it no e-mail is sent.
    value = read.secret("EMAIL_URL", "", example=_EXAMPLE)
    if not value:
        return None
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):  # neither may be quoted: it has a password
        host = None
    if not host or parts.path.strip("/") or parts.query or bool(parts.username) != bool(parts.password):
        read.complain("EMAIL_URL", "is no mail server", _FIX, _EXAMPLE)
        return None
    password = unquote(parts.password or "")
    if password:
        read.secrets.update({password, parts.password or ""})
    user = unquote(parts.username or "")
    return {"host": host, "port": port, "user": user, "password": password, "is_tls": parts.scheme == "smtps"}


def mail_sender(read: Reader, site: str) -> str:
    """`site`: SITE_URL."""
    #: From whom mail comes. Default: tealgate@ and the host of `SITE_URL`
    value = read.text("EMAIL_FROM", f"tealgate@{urlsplit(site).hostname}", example="tealgate@example.com")
    name, at, host = value.rpartition("@")
    if not (name and at and host) or any(each.isspace() or each in "<>,;" for each in value):
        read.complain("EMAIL_FROM", "is no address", "Set it to one address, without a name.", "tealgate@example.com")
    return value
