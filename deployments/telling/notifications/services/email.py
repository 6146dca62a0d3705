"""E-mail by the operator's own server: as text and as HTML, one thread for what belongs together."""

import hashlib
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from django.conf import settings

from deployments.outbound import mail
from deployments.telling.notifications import rendering
from deployments.telling.notifications.models import Does
from deployments.telling.notifications.rendering import parts
from deployments.telling.notifications.services import SECONDS, Outgoing, Sent

NO_SERVER = "Not sent: Tealgate has no mail server. Whoever runs it sets EMAIL_URL, and what waits is sent then."

#: Lines of any length and any letters pass every server so.
_WRITTEN = "quoted-printable"


class Email:
    """A mail cannot be changed: what is over is another one in the thread, if there was a first one."""

    def send(self, outgoing: Outgoing) -> Sent:
        if outgoing.does is not Does.TELL and not outgoing.reference:
            return Sent(ok=True, said="There is nothing to take back.", dropped=True)
        if settings.MAIL_SERVER is None:
            return Sent(ok=False, said=NO_SERVER)
        to = address_of(outgoing.address_url)
        letter, server = written(outgoing, to), mail.MailServer(**settings.MAIL_SERVER)
        posted = mail.post(letter, sender=settings.MAIL_SENDER, to=to, server=server, seconds=SECONDS)
        reference = {"message_id": letter["Message-ID"]} if posted.ok else {}
        return Sent(ok=posted.ok, said=posted.said, reference=reference, gone=posted.gone, maybe=posted.maybe)


def address_of(url: str) -> str:
    """Of email://maya@example.com."""
    return unquote(urlsplit(url).netloc)


def written(outgoing: Outgoing, to: str) -> EmailMessage:
    """The same `Message-ID` with each attempt, so that a mail program which has it does not show it again."""
    content, site = outgoing.content, outgoing.site_url
    letter = EmailMessage()
    letter["From"] = f"Tealgate <{settings.MAIL_SENDER}>"
    letter["To"] = to
    letter["Subject"] = parts.subject(content)
    letter["Date"] = format_datetime(outgoing.now)
    letter["Message-ID"] = _id(site, to, outgoing.key)
    letter["References"] = letter["In-Reply-To"] = _id(site, to, f"thread {outgoing.thread}")
    # Neither absence notes nor other programs answer, as RFC 3834 and Exchange have it.
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Auto-Response-Suppress"] = "All"
    letter.set_content(rendering.mail_text(content, site), cte=_WRITTEN)
    letter.add_alternative(rendering.html(content, site), subtype="html", cte=_WRITTEN)
    return letter


def _id(site: str, to: str, what: str) -> str:
    return f"<{hashlib.sha256(f'{to} {what}'.encode()).hexdigest()[:40]}@{urlsplit(site).hostname}>"
