"""What a message is as a mail, and by whose server it goes."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from deployments.outbound.messaging import mail_places
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.models import Does, Message, MessageStatus, NotificationAddress
from deployments.telling.notifications.services import Outgoing, adapter_of
from tests.outbound.smtp_server import Postman, receiving
from tests.outbound.web_server import Web
from tests.telling.notifications.sending.conftest import Place

CONTENT = Content(
    subject="Waits for you:\n Späti 1.4.2 to production", sentences=("It needs 1 approval.",), path="/gate/17/",
    link_text="Look and decide",
)  # fmt: skip


@pytest.fixture
def postman(settings: Settings) -> Iterator[Postman]:
    with receiving() as postman:
        settings.MAIL_URL, settings.MAIL_FROM = postman.url, "Tealgate <tealgate@example.com>"
        yield postman


def outgoing(**changes: Any) -> Outgoing:
    said: dict[str, Any] = {
        "address_url": "email://ari@example.com", "content": CONTENT, "does": Does.TELL, "thread": "gate:17",
        "key": "event:1", "reference": {}, "attempt": 1, "is_internal": False,
        "site_url": "https://tealgate.example.com", "now": datetime(2026, 11, 29, 9, 30, tzinfo=UTC),
    } | changes  # fmt: skip
    return Outgoing(**said)


def test_a_message_is_a_mail_with_text_and_html_and_one_link(postman: Postman) -> None:
    assert adapter_of("email").send(outgoing()).ok

    (letter,) = postman.letters
    assert letter["Subject"] == "Waits for you: Späti 1.4.2 to production"
    assert (letter["From"], letter["To"]) == ("Tealgate <tealgate@example.com>", "ari@example.com")
    assert letter["Auto-Submitted"] == "auto-generated"
    text, html = (letter.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None and html is not None
    assert "https://tealgate.example.com/gate/17/" in text.get_content()
    assert 'href="https://tealgate.example.com/gate/17/"' in html.get_content()


def test_each_attempt_has_the_same_id_and_what_belongs_together_stands_in_one_thread(postman: Postman) -> None:
    adapter = adapter_of("email")
    for changes in ({}, {"attempt": 2}, {"key": "event:2"}, {"address_url": "email://maya@example.com"}):
        adapter.send(outgoing(**changes))

    once, again, after, to_another = (letter["Message-ID"] for letter in postman.letters)
    assert once == again
    assert len({once, after, to_another}) == 3
    assert postman.letters[0]["References"] == postman.letters[2]["References"]


def test_a_mail_cannot_be_changed_so_what_changes_is_no_second_mail(postman: Postman) -> None:
    sent = adapter_of("email").send(outgoing(does=Does.UPDATE))

    assert (sent.ok, sent.dropped, postman.letters) == (False, True, [])


def test_who_was_mailed_that_it_turns_back_is_mailed_how_that_went(postman: Postman) -> None:
    told = replace(CONTENT, subject="Turned back: Späti 1.4.2", log_tail="exit 1", is_news=True)

    assert adapter_of("email").send(outgoing(does=Does.UPDATE, content=told, key="event:2")).ok

    (letter,) = postman.letters
    text = letter.get_body(("plain",))
    assert text is not None
    assert "    exit 1" in text.get_content()


def test_a_mailbox_that_is_not_there_is_gone(postman: Postman) -> None:
    postman.refuses = "550 5.1.1 No such user"

    assert adapter_of("email").send(outgoing()).gone is True


def test_a_name_that_would_add_a_header_is_refused_in_words(postman: Postman) -> None:
    sent = adapter_of("email").send(outgoing(address_url="email://ari@example.com%0d%0aBcc:%20x@example.com"))

    assert (sent.ok, postman.letters) == (False, [])
    assert sent.said == "Not sent: what it is for is no e-mail address."


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?1.4.2=0D=0ABcc:_eve@example.org=0D=0A=0D=0A<b>All_is_well</b>?=",
        "shop 1.4=?utf-8?b?DQpCY2M6IGV2ZUBleGFtcGxlLm9yZw==?=",
        "shop\r\nBcc: eve@example.org",
        "\u202e2.4.1 pohs\x07 \ud83d \u200b",
        "👩‍👩‍👧‍👦" * 500,
    ],
)
def test_a_subject_that_somebody_typed_adds_no_header_and_hides_nothing(postman: Postman, subject: str) -> None:
    assert adapter_of("email").send(outgoing(content=replace(CONTENT, subject=subject))).ok

    (mail,) = postman.letters
    assert (mail["Bcc"], mail["To"], mail["Message-ID"] is None) == (None, "ari@example.com", False)
    assert len(mail["Subject"]) <= 160
    assert all(letter.isprintable() or letter == "\u200d" for letter in mail["Subject"])
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_without_a_server_it_is_said_whose_task_that_is() -> None:
    sent = adapter_of("email").send(outgoing())

    assert (sent.ok, sent.gone) == (False, False)
    assert "Set MAIL_URL and MAIL_FROM" in sent.said


def test_an_address_with_a_server_of_its_own_is_sent_to_there(postman: Postman) -> None:
    host = postman.url.rpartition("/")[2]
    url = f"mailto://{host}?from=bot@example.com&to=ari@example.com"

    sent = adapter_of("mailto").send(outgoing(address_url=url, is_internal=True))
    to_a_private_one = adapter_of("mailto").send(outgoing(address_url=url))

    assert (sent.ok, [letter["To"] for letter in postman.letters]) == (True, ["ari@example.com"])
    assert (to_a_private_one.ok, "inside your network" in to_a_private_one.said) == (False, True)


def test_a_known_provider_s_server_is_found_by_its_name() -> None:
    found = mail_places.found("mailtos://maya:s3cr3t-word@gmail.com?to=ari@example.com")

    assert (found.server.host, found.server.security, found.to) == ("smtp.gmail.com", "smtp", "ari@example.com")
    assert found.server.password == "s3cr3t-word"  # noqa: S105


def test_mail_to_a_server_that_is_down_for_an_hour_comes_once_it_is_back(requester: User, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings.MAIL_URL, settings.MAIL_FROM = f"smtp+plain://127.0.0.1:{port}", "tealgate@example.com"
    sender = Place(Web(), requester)
    said = {"person": requester, "service": "email", "url": "email://ari@example.com", "shown": "ari@example.com"}
    address = NotificationAddress.objects.create(made_at=sender.clock(), **said)
    sender.write(address)
    for _ in range(12):
        sender.send()
        sender.clock.forward(minutes=5, seconds=1)
    assert "could not be reached" in Message.objects.get().said

    with receiving(port=port) as postman:
        sender.clock.forward(minutes=1)
        sender.send()

    assert [letter["Subject"] for letter in postman.letters] == ["one"]
    assert (Message.objects.get().status, Message.objects.get().maybe_twice) == (MessageStatus.SENT, False)
