"""What comes of a mail, by a real SMTP server on loopback, and by one that behaves badly."""

import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from deployments.outbound.mail_server import Server, server_of
from deployments.outbound.mailing import Mailed, mail
from tests.outbound.rude_server import Behaviour, behaving
from tests.outbound.smtp_server import Postman, receiving


@pytest.fixture
def postman() -> Iterator[Postman]:
    with receiving() as postman:
        yield postman


def letter() -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Waits for you"
    message.set_content("text")
    return message


def mailed(url: str, *, public: bool = False, seconds: float = 5) -> Mailed:
    to = "maya@example.com"
    return mail(letter(), server_of(url), sender="t@example.com", to=to, public=public, seconds=seconds)


def rude(url: str) -> str:
    return url.replace("http://", "smtp+plain://")


def speaking(*answers: bytes) -> Behaviour:
    """Each answer after what the client said; then it hangs up."""

    def speak(connection: socket.socket, over: threading.Event) -> None:
        for answer in answers:
            connection.sendall(answer)
            connection.recv(65536)

    return speak


def test_a_mail_arrives(postman: Postman) -> None:
    answer = mailed(postman.url)

    assert (answer.ok, [each["Subject"] for each in postman.letters]) == (True, ["Waits for you"])
    assert answer.said == f"{postman.url.rpartition('/')[2]} took it for maya@example.com."


def test_a_mailbox_that_is_not_there_is_said_to_be_gone(postman: Postman) -> None:
    postman.refuses = "550 5.1.1 No such user"

    answer = mailed(postman.url)

    assert (answer.ok, answer.nobody) == (False, True)
    assert answer.said.endswith("refused maya@example.com: 550 5.1.1 No such user.")


def test_one_that_is_put_off_is_not_gone(postman: Postman) -> None:
    postman.refuses = "451 4.7.1 Greylisted, come back later"

    answer = mailed(postman.url)

    assert (answer.ok, answer.nobody, answer.maybe) == (False, False, False)


def test_a_server_that_is_down_is_said(postman: Postman) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    answer = mailed(f"smtp+plain://127.0.0.1:{port}")

    assert (answer.ok, answer.maybe) == (False, False)
    assert "could not be reached" in answer.said


def test_a_server_that_says_nothing_is_left_in_time() -> None:
    def silent(connection: socket.socket, over: threading.Event) -> None:
        over.wait(20)

    with behaving(silent) as url:
        answer = mailed(rude(url), seconds=0.3)

    assert (answer.ok, answer.maybe) == (False, False)


def test_one_that_trickles_is_left_in_time() -> None:
    def trickle(connection: socket.socket, over: threading.Event) -> None:
        for _ in range(60):
            connection.sendall(b"2")
            if over.wait(0.05):
                return

    with behaving(trickle) as url:
        answer = mailed(rude(url), seconds=0.3)

    assert (answer.ok, answer.said.endswith("did not answer in time.")) == (False, True)


def test_a_connection_that_is_lost_with_the_mail_leaves_open_what_became_of_it() -> None:
    ok = b"250 ok\r\n"
    with behaving(speaking(b"220 hi\r\n", ok, ok, ok, b"354 go on\r\n")) as url:
        answer = mailed(rude(url))

    assert (answer.ok, answer.maybe) == (False, True)
    assert answer.said.endswith("took the mail and did not say whether it keeps it.")


def test_a_mail_that_was_taken_is_not_failed_by_the_farewell() -> None:
    ok = b"250 ok\r\n"
    with behaving(speaking(b"220 hi\r\n", ok, ok, ok, b"354 go on\r\n", ok)) as url:
        assert mailed(rude(url)).ok is True


def test_a_password_is_not_said_where_others_read_it(postman: Postman) -> None:
    answer = mailed(postman.url.replace("smtp+plain://", "smtp://maya:s3cr3t@"))

    assert (answer.ok, postman.letters) == (False, [])
    assert "offers no STARTTLS" in answer.said
    with pytest.raises(ValueError, match="as others can read them"):
        server_of("smtp+plain://maya:s3cr3t@mail.example.com")


def test_no_mail_goes_to_a_private_server_that_somebody_named(postman: Postman) -> None:
    answer = mailed(postman.url, public=True)

    assert (answer.ok, postman.letters) == (False, [])
    assert "say that it is inside your network" in answer.said


def test_a_server_is_read_of_a_url_with_its_port_and_shows_no_password() -> None:
    server = server_of("smtps://maya%40example.com:pass%2Fword@smtp.example.com")

    assert (server.port, server.user, server.password) == (465, "maya@example.com", "pass/word")
    assert "pass/word" not in repr(server)
    with pytest.raises(ValueError, match="is no address"):
        server_of("https://smtp.example.com")


def test_the_security_of_a_server_without_a_port_says_which(postman: Postman) -> None:
    ports = {scheme: server_of(f"{scheme}://h").port for scheme in ("smtps", "smtp", "smtp+plain")}

    assert ports == {"smtps": 465, "smtp": 587, "smtp+plain": 25}
    assert isinstance(server_of("smtp://h"), Server)
