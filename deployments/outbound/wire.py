"""The connection below one request: to addresses that were checked, and with one end in time for everything.

A limit for each wait is no limit for all of them: a server that sends a byte now and then renews it for ever, in its
headers as in its body. So each wait gets what is left until the end.
"""

import ssl
import time
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import httpcore
import httpx

from deployments.outbound.addresses import resolved

CONNECT_SECONDS = 3.0
_PIECE = 16 * 1024


class Transport(httpx.BaseTransport):
    """Proxies of the environment are not used, since they would resolve names themselves."""

    def __init__(self, ends: float, *, public: bool = False) -> None:
        """`ends` by time.monotonic()."""
        self._pool = httpcore.ConnectionPool(ssl_context=tls(), network_backend=_Backend(ends, public))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises FetchError, or one of httpcore's errors."""
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), request=request)

    def close(self) -> None:
        self._pool.close()


@cache
def tls() -> ssl.SSLContext:
    """Loading the certificate authorities takes longer than most of the requests."""
    return httpx.create_ssl_context()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Backend(httpcore.SyncBackend):
    """Resolves the name itself and connects to the address that it checked.

    A name server that answers differently the second time gains nothing.
    """

    def __init__(self, ends: float, public: bool) -> None:
        self._ends, self._public = ends, public

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure = httpcore.ConnectError(f"no address for {host}")
        for address in resolved(host, port, seconds=self._ends - time.monotonic(), public=self._public):
            seconds = min(CONNECT_SECONDS, _left(self._ends, httpcore.ConnectTimeout))
            try:
                stream = super().connect_tcp(str(address), port, seconds, local_address, socket_options)
            except httpcore.ConnectError as exc:  # such as no route over IPv6: the next address may do
                failure = exc
            else:
                return _Stream(stream, self._ends)
        raise failure


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, ends: float) -> None:
        self._stream = stream
        self._ends = ends

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._ends, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], _left(self._ends, httpcore.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = _left(self._ends, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, seconds), self._ends)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(ends: float, late: type[httpcore.TimeoutException]) -> float:
    seconds = ends - time.monotonic()
    if seconds <= 0:
        raise late("no time is left")
    return seconds
