"""A mail server on loopback, which answers as it is told to."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from deployments.outbound.mail import MailServer
from tests.stack import free_port


@dataclass
class Mailbox:
    """`to`, `data`: what is answered when a recipient, and when a whole mail is told."""

    to: str = "250 OK"
    data: str = "250 Kept as 7"
    came: list[Envelope] = field(default_factory=list)
    before_answer: Callable[[Any], None] | None = None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        self.came.append(envelope)
        if self.before_answer:
            self.before_answer(server)
        return self.data

    def letters(self) -> list[EmailMessage]:
        found = [message_from_bytes(each.original_content or b"", policy=policy.default) for each in self.came]
        return [each for each in found if isinstance(each, EmailMessage)]


@contextmanager
def receiving(mailbox: Mailbox, *, tls: ssl.SSLContext | None = None, password: str = "") -> Iterator[MailServer]:
    """`tls`: by STARTTLS."""

    def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, said: Any) -> AuthResult:
        return AuthResult(success=bool(password) and said.password == password.encode(), handled=False)

    controller = Controller(
        mailbox, hostname="127.0.0.1", port=free_port(), tls_context=tls, authenticator=knows,
        auth_require_tls=tls is not None,
    )  # fmt: skip
    controller.start()
    try:
        yield MailServer(host="127.0.0.1", port=controller.port, user="tealgate" if password else "", password=password)
    finally:
        controller.stop()
