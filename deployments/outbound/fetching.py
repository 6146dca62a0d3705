"""One HTTP request within limits: of time, of size, and of where it may go (`addresses`)."""

import ipaddress
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import httpcore
import httpx
from idna import IDNAError

from deployments.outbound.errors import FetchError
from deployments.outbound.unpacking import unpacked
from deployments.outbound.wire import Transport, tls

BODY_LIMIT = 4 * 1024 * 1024
LONGEST_REASON = 200


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`headers` by lower-case name; `body` unpacked, when it came packed as asked."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Request:
    """`seconds` is the time for all of it; a body over `limit` bytes is an error, packed or not.

    `first_bytes`: of the body only so many are read, and what goes wrong after the status is no error.
    `public`: only to addresses that the whole Internet reaches.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    seconds: float = 10.0
    limit: int = BODY_LIMIT
    first_bytes: int | None = None
    public: bool = False


def fetch(request: Request) -> Answer:
    """Send it and read the whole answer, whatever its status: also a redirect is one. Raises FetchError."""
    place = place_of(request.url)
    tls()  # not part of what the other side takes
    started = time.monotonic()
    try:
        return _exchange(request, place, started)
    except httpcore.TimeoutException as exc:
        raise FetchError(f"{place} did not answer within {_shown(request.seconds)} s.", timed_out=True) from exc
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpcore.UnsupportedProtocol) as exc:
        raise FetchError(f"{place} cannot be asked: an address starts with http:// or https:// and a host.") from exc
    except httpcore.ConnectError as exc:
        raise FetchError(f"{place} could not be reached: {_reason(exc)}.") from exc
    except (httpx.HTTPError, httpcore.NetworkError, httpcore.ProtocolError, IDNAError) as exc:
        # IDNAError: of a redirect to a name that is none, which httpx looks at without being asked
        raise FetchError(f"{place} gave no proper HTTP answer: {_reason(exc)}.") from exc


def place_of(url: str) -> str:
    """Host and port for messages: never the path or query, which may hold secrets."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "The address"
    return parsed.netloc.decode("ascii") or "The address"


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _exchange(request: Request, place: str, started: float) -> Answer:
    ends = started + request.seconds
    # Packed on request only: a packed body could be far larger than what came over the wire.
    headers = httpx.Headers({"User-Agent": "tealgate", "Accept-Encoding": "identity"})
    headers.update(request.headers)
    with (
        httpx.Client(transport=Transport(ends, public=request.public), timeout=request.seconds) as client,
        client.stream(
            request.method,
            request.url,
            headers=headers,
            content=request.content,
        ) as response,
    ):
        pieces = _arriving(response, request, place, ends)
        if request.first_bytes is None:
            encoding, asked = response.headers.get("content-encoding", ""), headers["accept-encoding"]
            body = _whole(unpacked(pieces, encoding=encoding, asked=asked, place=place), request.limit, place)
        else:
            body = _first(pieces, request.first_bytes)
        lowered = {name.lower(): value for name, value in response.headers.items()}
        seconds = time.monotonic() - started
        return Answer(status=response.status_code, headers=lowered, body=body, seconds=seconds)


def _arriving(response: httpx.Response, request: Request, place: str, ends: float) -> Iterator[bytes]:
    late = FetchError(f"{place} was not done within {_shown(request.seconds)} s.", timed_out=True)
    try:
        for piece in response.iter_raw():
            if time.monotonic() > ends:  # also while small pieces come out of one read
                raise late
            yield piece
    except httpcore.TimeoutException as exc:
        raise late from exc


def _whole(pieces: Iterator[bytes], limit: int, place: str) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > limit:
            raise FetchError(f"{place} sent more than {limit // 1024} KiB.")
    return bytes(body)


def _first(pieces: Iterator[bytes], count: int) -> bytes:
    """Up to so many, as they came, or to where it broke off."""
    body = bytearray()
    with suppress(FetchError, httpx.HTTPError, httpcore.NetworkError, httpcore.ProtocolError):
        for piece in pieces:
            body += piece
            if len(body) >= count:
                break
    return bytes(body[:count])


def _shown(seconds: float) -> str:
    """What is left of a longer time is no round number."""
    return f"{max(round(seconds, 1), 0.1):g}"


def _reason(exc: Exception) -> str:
    """An answer that is no HTTP is repeated in it, however long."""
    return str(exc)[:LONGEST_REASON].rstrip(".") or type(exc).__name__
