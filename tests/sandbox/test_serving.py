"""The sandbox's HTTP server by itself: what stays open, what ends, and how bodies may come."""

import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from sandbox.serving import Server


class Echo:
    """Answers with the request's body; /slow when it is told to, /broken never."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/slow":
            self.begun.set()
            assert self.go_on.wait(10)
        if environ["PATH_INFO"] == "/broken":
            raise LookupError("broken")
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ["REQUEST_METHOD"].encode(), b" ", environ["wsgi.input"].read()]


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def server(echo: Echo) -> Iterator[Server]:
    server = Server(socket.create_server(("127.0.0.1", 0)), lambda: 1772442000)
    server.application = echo
    server.start()
    yield server
    server.close()


@pytest.fixture
def client(server: Server) -> Iterator[HTTPConnection]:
    client = HTTPConnection("127.0.0.1", server.port, timeout=10)
    yield client
    client.close()


def ask(client: HTTPConnection, path: str = "/", body: Any = b"", **options: Any) -> tuple[int, bytes]:
    client.request("POST", path, body, **options)
    answer = client.getresponse()
    return answer.status, answer.read()


def test_a_connection_is_used_again(client: HTTPConnection) -> None:
    assert ask(client, body=b"one") == (200, b"POST one")
    kept = client.sock

    assert ask(client, body=b"two") == (200, b"POST two")
    assert client.sock is kept


def test_whoever_asks_for_it_to_be_closed_gets_that(client: HTTPConnection) -> None:
    assert ask(client, body=b"last", headers={"Connection": "close"}) == (200, b"POST last")
    assert client.sock is None


def test_a_body_in_chunks_leaves_the_connection_in_step(client: HTTPConnection) -> None:
    assert ask(client, body=iter([b"in ", b"chunks"]), encode_chunked=True) == (200, b"POST in chunks")
    assert ask(client, body=b"next") == (200, b"POST next")


def test_who_waits_for_a_go_ahead_gets_it(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"PUT / HTTP/1.1\r\nHost: s3\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"body")
        assert b"\r\nDate: Mon, 02 Mar 2026 09:00:00 GMT\r\n" in (answer := connection.recv(1000))
        assert answer.endswith(b"\r\n\r\nPUT body")


def test_a_head_has_no_body(client: HTTPConnection) -> None:
    client.request("HEAD", "/")
    answer = client.getresponse()

    assert (answer.headers["Content-Length"], answer.read()) == ("5", b"")
    assert ask(client, body=b"next") == (200, b"POST next")


def test_a_failure_is_an_answer_too(client: HTTPConnection) -> None:
    assert ask(client, "/broken") == (500, b"The sandbox failed.\n")
    assert ask(client, body=b"next") == (200, b"POST next")


def test_closing_ends_what_is_idle_and_waits_for_no_one(server: Server, client: HTTPConnection) -> None:
    ask(client)
    server.close()

    assert client.sock.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


def test_who_is_being_answered_when_it_closes_still_gets_the_answer(
    server: Server, client: HTTPConnection, echo: Echo
) -> None:
    client.request("POST", "/slow", b"late")
    assert echo.begun.wait(10)
    server.close()
    echo.go_on.set()

    assert client.getresponse().read() == b"POST late"
    assert client.sock is None or client.sock.recv(1) == b""
