"""Mail by a real server on loopback: what it says decides, and what nobody can know is said to be so."""

import socket
import ssl
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from deployments.outbound.mail import MailServer, Posted, post
from tests.certificates import issue
from tests.outbound.mail_server import Mailbox, receiving
from tests.stack import free_port


def send(server: MailServer, seconds: float = 10.0) -> Posted:
    mail = EmailMessage()
    mail["Subject"] = "Wartet auf Sie: Späti 1.4.2"
    mail.set_content("Grüße\n.\n", cte="quoted-printable")
    return post(mail, sender="tealgate@example.com", to="ari@example.com", server=server, seconds=seconds)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def silent() -> Iterator[int]:
    """Whoever comes is let in and told nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def tls_context(folder: Path) -> ssl.SSLContext:
    pem = issue("mail.example.com")
    path = folder / "mail.pem"
    path.write_bytes(pem.certificate + pem.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_a_mail_arrives_as_it_was_written(mailbox: Mailbox) -> None:
    with receiving(mailbox) as server:
        posted = send(server)

    assert posted == Posted(ok=True, said=f"{server.place} took it: Kept as 7.")
    (letter,) = mailbox.letters()
    assert letter["Subject"] == "Wartet auf Sie: Späti 1.4.2"
    assert letter.get_content().splitlines() == ["Grüße", "."]
    assert mailbox.came[0].rcpt_tos == ["ari@example.com"]


@pytest.mark.parametrize(
    ("answer", "gone"),
    [
        ("550 5.1.1 No such user", True),
        ("551 User moved away", True),
        ("550 5.7.1 Looks like spam", False),
        ("450 4.2.0 Try again later", False),
    ],
)
def test_a_refused_recipient_is_told_in_the_servers_words(mailbox: Mailbox, answer: str, gone: bool) -> None:
    mailbox.to = answer
    with receiving(mailbox) as server:
        posted = send(server)

    assert posted == Posted(ok=False, said=f"{server.place} answered {answer}.", gone=gone)


def test_a_mail_that_the_server_refuses_did_not_arrive(mailbox: Mailbox) -> None:
    mailbox.data = "452 Disk full"
    with receiving(mailbox) as server:
        posted = send(server)

    assert posted == Posted(ok=False, said=f"{server.place} answered 452 Disk full.")


def test_of_a_line_that_is_cut_after_the_mail_nobody_knows_whether_it_arrived(mailbox: Mailbox) -> None:
    mailbox.before_answer = lambda server: server.transport.abort()
    with receiving(mailbox) as server:
        posted = send(server)

    assert (posted.ok, posted.maybe) == (False, True)
    assert len(mailbox.came) == 1


def test_a_server_that_is_down_or_silent_is_left_in_time(silent: int) -> None:
    nobody = MailServer(host="127.0.0.1", port=free_port())
    assert send(nobody) == Posted(ok=False, said=f"{nobody.place} could not be reached: Connection refused.")

    began = time.monotonic()
    posted = send(MailServer(host="127.0.0.1", port=silent), seconds=0.3)

    assert (posted.ok, posted.maybe) == (False, False)
    assert time.monotonic() - began < 5


def test_no_password_is_told_without_encryption(mailbox: Mailbox) -> None:
    with receiving(mailbox, password="open sesame") as server:
        posted = send(server)

    assert posted.said.startswith(f"{server.place} does not take what is needed, such as a password or STARTTLS.")
    assert mailbox.came == []


def test_a_certificate_that_nobody_vouches_for_is_refused(mailbox: Mailbox, tmp_path: Path) -> None:
    with receiving(mailbox, tls=tls_context(tmp_path), password="open sesame") as server:
        posted = send(server)

    assert "could not be spoken to by TLS: CERTIFICATE_VERIFY_FAILED" in posted.said
    assert mailbox.came == []


def test_whoever_is_vouched_for_is_told_the_password(
    mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = tls_context(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "mail.pem"))
    with receiving(mailbox, tls=context, password="open sesame") as server:
        assert send(server).ok
        wrong = send(MailServer(host=server.host, port=server.port, user="tealgate", password="open says me"))

    assert wrong.said.startswith(f"{server.place} refused Tealgate's user: 535 ")
    assert len(mailbox.came) == 1
