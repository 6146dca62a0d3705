"""What a bad answer may cost the worker that waits for it: so much time and so much memory, and no more."""

import gzip
import socket
import threading
import tracemalloc
import zlib
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest

from deployments.outbound.errors import FetchError
from deployments.outbound.fetching import Answer, Request, fetch
from deployments.outbound.staying import fetch_staying
from tests.outbound.rude_server import behaving, saying, trickling
from tests.outbound.web_server import Web, serving

START = b"HTTP/1.1 200 OK\r\n"
SLOW_HEADER = START + b"X-Slow: " + b"z" * 20 + b"\r\nContent-Length: 0\r\n\r\n"
SLOW_BODY = START + b"Content-Length: 20\r\n\r\n" + b"z" * 20
SLOW_STATUS = b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + START + b"Content-Length: 0\r\n\r\n"
LIMIT = 1024 * 1024
BOMB = b"\0" * (32 * LIMIT)


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(trickling(SLOW_HEADER), id="header"),
        pytest.param(trickling(SLOW_STATUS), id="informational answers"),
        pytest.param(trickling(SLOW_BODY, at_once=len(SLOW_BODY) - 20), id="body"),
    ],
)
def test_an_answer_that_trickles_is_given_up_at_the_one_end(behaviour: Any) -> None:
    with behaving(behaviour) as url, pytest.raises(FetchError) as caught:
        fetch(Request(url=url, seconds=0.3))

    assert caught.value.timed_out


def test_a_handshake_that_trickles_is_given_up_at_the_one_end() -> None:
    """A TLS record of 16 KiB is announced and comes byte by byte."""
    with behaving(trickling(b"\x16\x03\x03\x40\x00" + b"\x02" * 30)) as url, pytest.raises(FetchError) as caught:
        fetch(Request(url=url.replace("http://", "https://"), seconds=0.3))

    assert caught.value.timed_out


def test_redirects_share_the_one_end() -> None:
    """Each of them is fast enough by itself, and so many are not yet a circle."""
    said = b"HTTP/1.1 302 Found\r\nLocation: again/\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    with behaving(trickling(said, at_once=len(said) - 3)) as url, pytest.raises(FetchError) as caught:
        fetch_staying(Request(url=url, seconds=0.4))

    assert caught.value.timed_out


def test_a_name_server_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def silent(*_: Any, **__: Any) -> Any:
        over.wait(30)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    with pytest.raises(FetchError, match="name slow.example was not resolved in time") as caught:
        fetch(Request(url="http://slow.example/", seconds=0.1))
    over.set()

    assert caught.value.timed_out


@pytest.mark.parametrize(
    ("encoding", "body"), [("br", brotli.compress(BOMB, quality=1)), ("gzip", gzip.compress(BOMB)), ("unheard-of", b"")]
)
def test_a_packed_body_that_nobody_asked_for_is_refused(encoding: str, body: bytes) -> None:
    with pytest.raises(FetchError, match=f"packed with {encoding}, which was not asked for"):
        _fetched(encoding, body)


@pytest.mark.parametrize(("encoding", "body"), [("gzip", gzip.compress(BOMB)), ("deflate", zlib.compress(BOMB))])
def test_a_packed_body_takes_no_more_memory_than_the_limit_allows(encoding: str, body: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(FetchError, match="sent more than 1024 KiB"):
            _fetched(encoding, body, asked="gzip, deflate")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 8 * LIMIT


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
@pytest.mark.parametrize("length", [0, 1, 64 * 1024, 64 * 1024 + 1, 300_000])
def test_a_packed_body_that_was_asked_for_comes_out_whole(pack: Any, length: int) -> None:
    body = bytes(each % 251 for each in range(length))

    answer = _fetched("gzip" if pack is gzip.compress else "deflate", pack(body), asked="deflate;q=0.5, GZIP")

    assert answer.body == body


def test_what_cannot_be_unpacked_in_pieces_is_refused_with_what_to_ask_for() -> None:
    with pytest.raises(FetchError, match="ask for gzip or deflate"):
        _fetched("br", brotli.compress(b"all good"), asked="gzip, br")


def test_a_packed_body_that_ends_too_early_is_no_answer() -> None:
    with pytest.raises(FetchError, match="ends too early"):
        _fetched("gzip", gzip.compress(b"all good")[:-9], asked="gzip")


def test_an_answer_without_a_body_may_name_an_encoding() -> None:
    assert _fetched("gzip", b"", asked="gzip").body == b""


def test_headers_without_end_are_no_proper_answer() -> None:
    with behaving(saying(START + b"X-Long: " + b"z" * 200_000)) as url, pytest.raises(FetchError, match="no proper"):
        fetch(Request(url=url))


def _fetched(encoding: str, body: bytes, asked: str = "") -> Answer:
    headers = {"Accept-Encoding": asked} if asked else {}
    with serving(Web(answers={"/": (200, {"Content-Encoding": encoding}, body)})) as web:
        return fetch(Request(url=f"{web.url}/", headers=headers, limit=LIMIT))


@pytest.mark.parametrize(
    ("behaviour", "kept"),
    [
        pytest.param(saying(START + b"Content-Length: 20\r\n\r\nhalf"), b"half", id="closed half way"),
        pytest.param(trickling(SLOW_BODY, at_once=len(SLOW_BODY) - 20), b"z", id="trickles"),
        pytest.param(saying(START + b"Content-Encoding: br\r\nContent-Length: 4\r\n\r\nbrot"), b"brot", id="packed"),
        pytest.param(saying(START + b"\r\n" + b"y" * 4 * LIMIT), b"y" * 1024, id="huge"),
    ],
)
def test_where_the_status_is_what_counts_its_body_is_not_waited_for(behaviour: Any, kept: bytes) -> None:
    with behaving(behaviour) as url:
        answer = fetch(Request(url=url, seconds=0.5, first_bytes=1024))

    assert (answer.status, answer.body[: len(kept)], len(answer.body) <= 1024) == (200, kept, True)
