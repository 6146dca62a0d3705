"""Servers that are no Tealgate, or one that is ill: a sentence, a code, and the token stays here."""

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tealgate import patience, wire
from tealgate.api import PATIENCE, Api, Given
from tealgate.credentials import Exchanged
from tealgate.endings import Refused, Unreachable

from tests.certificates import issue
from tests.client.conftest import Tealgate
from tests.client.shown import Clock, answer
from tests.outbound.rude_server import behaving, saying, trickling
from tests.outbound.web_server import Web, serving

APPLICATIONS = "/api/v1/applications"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(patience, "time", found)
    return found


@pytest.fixture
def web() -> Iterator[Web]:
    with serving(Web()) as found:
        yield found


def asked(url: str) -> object:
    return Api(url, Given("tealgate_secret")).get("/applications")


def hang(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    over.wait(20)


@pytest.mark.parametrize("behaviour", [hang, trickling(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 200)])
def test_one_that_does_not_come_to_an_end_is_left(behaviour: object) -> None:
    with behaving(behaviour) as url, pytest.raises(wire.NoAnswer, match="did not answer in time"):  # type: ignore[arg-type]
        wire.ask("GET", url, headers={}, timeout=0.4)


@pytest.mark.parametrize("kind", ["Content-Length: 50\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n5\r\n{"])
def test_an_answer_that_breaks_off_is_none(kind: str) -> None:
    said = f"HTTP/1.1 200 OK\r\n{kind}".encode()
    with behaving(saying(said)) as url, pytest.raises(wire.NoAnswer, match="broke off"):
        wire.ask("GET", url, headers={})


def test_more_than_anybody_reads_is_not_read() -> None:
    said = b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (wire.LARGEST + 1)
    with behaving(saying(said)) as url, pytest.raises(wire.NoAnswer, match="more than 20 MB"):
        wire.ask("GET", url, headers={})


def asked_whole(connection: socket.socket) -> bool:
    """One request with its body, which comes in a piece of its own; False: the other end is gone."""
    with connection.makefile("rb") as stream:
        head = list(iter(stream.readline, b"\r\n" if (first := stream.readline()) else first))
        lengths = [int(line.partition(b":")[2]) for line in head if line.lower().startswith(b"content-length:")]
        return bool(first) and len(stream.read(sum(lengths))) == sum(lengths)


def test_a_connection_is_kept_until_the_other_end_closes_it() -> None:
    connections: list[int] = []

    def twice(connection: socket.socket, over: threading.Event) -> None:
        connections.append(0)
        while connections[-1] < 2 and asked_whole(connection):
            connections[-1] += 1
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with behaving(twice) as url:
        for _ in range(5):
            assert wire.ask("GET", url, headers={}).body == b"{}"
        assert connections == [2, 2, 1]
        wire.ask("POST", url, headers={"Idempotency-Key": "1"}, body=b"{}")
        assert connections == [2, 2, 2]
        wire.ask("GET", url, headers={})
        wire.ask("POST", url, headers={}, body=b"{}")
        assert connections[3:] == [1, 1], "what must not be sent twice has one of its own"
        wire.ask("GET", url, headers={})
    assert connections[3:] == [1, 2]


@pytest.mark.parametrize("body", [b"<html>Welcome to nginx", b'{"items": [', b"[" * 100_000, b"12", b""])
def test_what_is_no_json_is_not_tealgate(web: Web, clock: Clock, body: bytes) -> None:
    web.answers[APPLICATIONS] = answer(body, kind="text/html")

    with pytest.raises(Unreachable, match="not Tealgate"):
        asked(web.url)


def test_a_page_that_is_not_there_is_not_tealgate_either(web: Web, clock: Clock) -> None:
    web.answers[APPLICATIONS] = answer(b"<h1>Not found</h1>", 404, "text/html")

    with pytest.raises(Unreachable, match="404 Not Found.*TEALGATE_URL"):
        asked(web.url)
    assert clock.slept == []


def test_one_that_is_ill_is_asked_again_for_half_a_minute(web: Web, clock: Clock) -> None:
    web.answers[APPLICATIONS] = answer(b"Bad gateway", 502, "text/html")

    with pytest.raises(Unreachable, match="It answers 502 Bad Gateway"):
        asked(web.url)
    assert 10 < sum(clock.slept) <= PATIENCE
    assert len(web.seen) == len(clock.slept) + 1


def test_one_that_says_when_is_asked_then(web: Web, clock: Clock) -> None:
    web.answers[APPLICATIONS] = answer({"detail": "Too often."}, 429, "application/problem+json", Retry_After="12")

    with pytest.raises(Unreachable, match="Too often"):
        asked(web.url)
    assert clock.slept == [12, 12]


def test_what_is_sent_again_has_the_same_key(web: Web, clock: Clock) -> None:
    web.answers[f"{APPLICATIONS}/shop/releases"] = answer(
        {"detail": "This request is being answered just now."}, 409, "application/problem+json", Retry_After="2"
    )

    with pytest.raises(Refused, match="being answered"):
        Api(web.url, Given("x")).post("/applications/shop/releases", {"version": "1"})
    keys = {headers["idempotency-key"] for _, headers, _ in web.seen}
    assert len(web.seen) > 5 and len(keys) == 1
    assert sum(clock.slept) > 100, "a process that died while it answered counts as answering for so long"


def test_a_job_waits_until_its_issuer_may_be_asked_again(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    class Minute(Clock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            web.answers["/api/v1/oidc/token"] = answer(
                {"token": "tealgate_x", "expires_at": "2099-01-01T00:00:00Z"}, 201
            )

    monkeypatch.setattr(patience, "time", clock := Minute())
    no_keys = {"detail": "There is no key to check this ID token by just now."}
    web.answers["/api/v1/oidc/token"] = answer(no_keys, 503, "application/problem+json", Retry_After="60")

    assert Exchanged(web.url, lambda: "id token").token() == "tealgate_x"
    assert clock.slept == [60]


def test_a_token_does_not_go_where_somebody_points_to(web: Web, clock: Clock) -> None:
    with serving(Web(answers={APPLICATIONS: answer({"items": []})})) as other:
        for status in (301, 302, 303, 307, 308):
            web.answers[APPLICATIONS] = answer(b"", status, Location=f"{other.url}{APPLICATIONS}")
            with pytest.raises(Unreachable, match=f"sends on to {other.url}"):
                asked(web.url)
        assert other.seen == []


def test_a_certificate_of_nobody_known_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = issue("tealgate.example.com")
    (tmp_path / "key").write_bytes(pem.certificate + pem.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "key")

    def say(connection: socket.socket, over: threading.Event) -> None:
        with context.wrap_socket(connection, server_side=True) as safe:
            saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")(safe, over)

    with behaving(say) as url:
        url = url.replace("http:", "https:")
        with pytest.raises(Unreachable, match="certificate is not trusted.*SSL_CERT_FILE"):
            asked(url)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "key"))
        assert asked(url) == {}


def test_the_proxy_of_the_environment_is_asked(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    web.answers["http://tealgate.internal/api/v1/applications"] = answer({"items": []})
    monkeypatch.setenv("http_proxy", web.url)

    assert asked("http://tealgate.internal") == {"items": []}
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    web.answers[APPLICATIONS] = answer({"items": ["straight"]})
    assert asked(web.url) == {"items": ["straight"]}


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a/", "tealgate.example.com", "https://a:b@c/", "https://"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="is no address of a Tealgate"):
        asked(url)


def test_a_port_that_is_none_is_told_at_once(clock: Clock) -> None:
    with pytest.raises(Unreachable, match="that is no address"):
        asked("http://127.0.0.1:http")
    assert clock.slept == []


def test_an_answer_in_words_that_are_not_known_is_no_traceback(
    web: Web, typed: Tealgate, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.answers["/api/v1/deployments/7"] = answer({"detail": "?"})
    monkeypatch.setenv("TEALGATE_TOKEN", "x")

    done = typed("rollback", "7", "--url", web.url, "--json")
    assert (done.code, done.json["outcome"]) == (4, "unreachable")
    assert "another version" in done.err
