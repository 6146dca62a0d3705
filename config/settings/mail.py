"""The mail server by which people are told."""

from config.settings.reading import Reader
from deployments.outbound.mail_server import server_of

_FIX = "Set it to smtps://user:password@host or smtp://user:password@host:587; smtp+plain://host is not encrypted."
_EXAMPLE = "smtps://tealgate:password@smtp.example.com"


def mail_server(read: Reader) -> tuple[str, str]:
    """Its URL, and by whom mail is."""
    #: The mail server by which people get e-mail: `smtps://user:password@host` (TLS), `smtp://…` (STARTTLS, demanded),
    #: `smtp+plain://…` (not encrypted, without a password). Without it nobody gets mail by Tealgate's own server.
    url = read.secret("MAIL_URL", "", example=_EXAMPLE)
    #: By whom such mail is.
    sender = read.text("MAIL_FROM", "", example="Tealgate <tealgate@example.com>")
    if url:
        try:
            read.secrets.update({server_of(url).password} - {""})
        except ValueError as error:
            read.complain("MAIL_URL", str(error), _FIX, _EXAMPLE)
        if "@" not in sender:
            read.complain("MAIL_FROM", "names no address", "Say by whom mail is.", "Tealgate <tealgate@example.com>")
    return url, sender
