"""What a mail program shows of a message."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser


@dataclass(frozen=True, kw_only=True)
class Letter:
    number: int
    #: when it came
    at: datetime
    sender: str
    to: str
    subject: str
    text: str
    #: as it came, hence by whoever wrote it; "" where it has no such part
    html: str
    headers: tuple[tuple[str, str], ...]


def read(number: int, content: bytes) -> Letter:
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(content)
    headers = tuple((name, _one_line(value)) for name, value in message.items())
    return Letter(
        number=number,
        at=datetime.fromtimestamp(number / 1e9, UTC),
        sender=_one_line(message.get("From", "")),
        to=_one_line(message.get("To") or message.get("Delivered-To", "")),
        subject=_one_line(message.get("Subject", "")) or "(no subject)",
        text=_part(message, "plain"),
        html=_part(message, "html"),
        headers=headers,
    )


def _one_line(value: object) -> str:
    return " ".join(str(value).split())


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)  # noqa: S101 - a body has no parts of its own
    try:
        return payload.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:  # a character set that nobody knows
        return payload.decode("utf-8", "replace")
