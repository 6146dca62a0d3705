"""E-mail: text and HTML in one mail, by the site's mail server or by one that the address names.

Its Message-ID is made of the message's key, so mail programs and receivers know a mail that came twice.
"""

import hashlib
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.conf import settings

from deployments.outbound import mailing
from deployments.outbound.mail_server import Server, server_of
from deployments.telling.notifications import plain, rendering
from deployments.telling.notifications.models import Does
from deployments.telling.notifications.services import SECONDS, Outgoing, Sent


class Email:
    def send(self, outgoing: Outgoing) -> Sent:
        if outgoing.does is Does.UPDATE and not outgoing.content.is_news:
            return Sent(ok=False, said="Not sent: a mail cannot be changed any more.", dropped=True)
        try:
            way = _way(outgoing.address_url)
            letter = _letter(outgoing, way)
        except ValueError as why:
            return Sent(ok=False, said=f"Not sent: {why}")
        mailed = mailing.mail(
            letter, way.server, sender=parseaddr(way.sender)[1], to=way.to,
            public=way.is_theirs and not outgoing.is_internal, seconds=SECONDS,
        )  # fmt: skip
        return Sent(ok=mailed.ok, said=mailed.said, gone=mailed.nobody, maybe=mailed.maybe)


class _Way(NamedTuple):
    server: Server
    sender: str
    to: str
    #: whether the address names its own server, and not the site's
    is_theirs: bool


def to_of(url: str) -> str:
    """Of email://somebody@example.com."""
    return unquote(url.partition("://")[2]).strip("/")


def _way(url: str) -> _Way:
    """Raises ValueError, with a sentence."""
    if urlsplit(url).scheme == "email":
        if not settings.MAIL_URL:
            raise ValueError("Tealgate has no mail server. Set MAIL_URL and MAIL_FROM, and start the worker again.")
        return _Way(server_of(settings.MAIL_URL), settings.MAIL_FROM, to_of(url), False)
    from deployments.outbound.messaging.mail_places import found

    theirs = found(url)
    return _Way(theirs.server, theirs.sender, theirs.to, True)


def _letter(outgoing: Outgoing, way: _Way) -> EmailMessage:
    """Raises ValueError, with a sentence."""
    content, site_url = outgoing.content, outgoing.site_url
    host = urlsplit(site_url).hostname or "tealgate"
    name, sender = parseaddr(way.sender)
    letter = EmailMessage(policy=SMTP)
    letter["Subject"] = _as_typed(rendering.mail_subject(content))
    letter["From"] = Address(_as_typed(name) or "Tealgate", addr_spec=sender)
    letter["To"] = _recipient(way.to)
    letter["Date"] = format_datetime(outgoing.now)
    letter["Message-ID"] = f"<{_digest(outgoing.key, way.to)}@{host}>"
    letter["References"] = f"<{_digest(outgoing.thread, way.to)}@{host}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Auto-Response-Suppress"] = "All"
    if any("\n" in said or "\r" in said for said in letter.values()):
        raise ValueError("one of its headers would have two lines, as no mail of Tealgate's has.")
    letter.set_content(rendering.mail_text(content, site_url))
    letter.add_alternative(rendering.html(content, site_url), subtype="html")
    return letter


def _recipient(to: str) -> Address:
    """Raises ValueError, with a sentence."""
    try:
        return Address(addr_spec=to)
    except (ValueError, HeaderParseError):  # HeaderParseError: it breaks off
        raise ValueError("what it is for is no e-mail address.") from None


def _as_typed(text: str) -> str:
    """Without encoded words (RFC 2047), which Python reads also in what it is to write: newlines, and so headers."""
    return plain.line(text).replace("=?", "= ?")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
