"""What a message is as a mail."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from deployments.telling.notifications.content import Content
from deployments.telling.notifications.models import Does
from deployments.telling.notifications.services import Outgoing, adapter_of
from deployments.telling.notifications.services.email import NO_SERVER
from tests.outbound.mail_server import Mailbox, receiving

CONTENT = Content(
    subject="Waits for you: Späti 1.4.2 to production", sentences=("It needs 1 approval.",), path="/gate/17/",
    link_text="Look and decide",
)  # fmt: skip


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    with receiving(mailbox) as server:
        settings.MAIL_SERVER, settings.MAIL_SENDER = asdict(server), "tealgate@example.com"
        yield mailbox


def outgoing(**changes: Any) -> Outgoing:
    said: dict[str, Any] = {
        "address_url": "email://ari@example.com", "content": CONTENT, "does": Does.TELL, "thread": "gate:17",
        "key": "event:1", "reference": {}, "attempt": 1, "is_internal": False,
        "site_url": "https://tealgate.example.com", "now": datetime(2026, 11, 29, 9, 30, tzinfo=UTC),
    } | changes  # fmt: skip
    return Outgoing(**said)


def test_a_message_is_a_mail_with_text_and_html_and_one_link(mailbox: Mailbox) -> None:
    sent = adapter_of("email").send(outgoing())

    assert sent.ok
    (letter,) = mailbox.letters()
    assert letter["Subject"] == CONTENT.subject
    assert letter["From"] == "Tealgate <tealgate@example.com>"
    assert letter["To"] == "ari@example.com"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert sent.reference == {"message_id": letter["Message-ID"]}
    text, html = (letter.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None and html is not None
    assert "https://tealgate.example.com/gate/17/" in text.get_content()
    assert 'href="https://tealgate.example.com/gate/17/"' in html.get_content()


def test_each_attempt_has_the_same_id_and_what_follows_stands_in_the_same_thread(mailbox: Mailbox) -> None:
    adapter = adapter_of("email")
    first = adapter.send(outgoing())
    adapter.send(outgoing(attempt=2))
    adapter.send(outgoing(key="event:2", does=Does.UPDATE, reference=first.reference))
    adapter.send(outgoing(key="event:1", address_url="email://maya@example.com"))

    letters = mailbox.letters()
    once, again, after, to_another = (letter["Message-ID"] for letter in letters)
    assert once == again
    assert len({once, after, to_another}) == 3
    assert letters[0]["References"] == letters[2]["References"]


def test_nobody_is_told_that_what_they_never_heard_of_is_over(mailbox: Mailbox) -> None:
    sent = adapter_of("email").send(outgoing(does=Does.UPDATE))

    assert (sent.ok, sent.dropped) == (True, True)
    assert mailbox.came == []


def test_without_a_server_it_is_said_whose_task_that_is() -> None:
    sent = adapter_of("email").send(outgoing())

    assert (sent.ok, sent.gone, sent.said) == (False, False, NO_SERVER)
