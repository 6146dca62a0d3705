"""One request and its answer, within a time and a size. Whatever has a status is an answer, also a redirect.

Redirects are not followed: the token would go wherever somebody points to. Proxies are those of the environment
(HTTPS_PROXY, NO_PROXY), authorities those of the machine (SSL_CERT_FILE). Where there is no proxy the connection is
kept for the next request.
"""

import functools
import http.client
import os
import select
import ssl
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import urllib.request

#: Seconds without a byte, and for all of an answer.
TIMEOUT = 30.0
LARGEST = 20 * 1024 * 1024
_PIECE = 64 * 1024
#: Where OpenSSL looks for the machine's authorities, if anybody says so.
_NAMED_IN = ("SSL_CERT_FILE", "SSL_CERT_DIR")
#: May be sent once more where nobody knows whether it was taken, as may what has an Idempotency-Key.
_IDEMPOTENT = frozenset({"GET", "PUT", "DELETE"})


@dataclass(frozen=True)
class Answer:
    status: int
    #: names in lower case
    headers: Mapping[str, str]
    body: bytes


class NoAnswer(Exception):
    """`passing`: whether the same request may be answered a little later."""

    def __init__(self, reason: str, *, passing: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.passing = passing


def ask(
    method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None, timeout: float = TIMEOUT
) -> Answer:
    """`timeout`: seconds for the whole of it. Raises NoAnswer."""
    until = time.monotonic() + timeout
    try:
        if _may_have_proxies():
            return _through_proxies(method, url, headers, body, timeout, until)
        may_be_sent_again = method in _IDEMPOTENT or "Idempotency-Key" in headers
        kept = _KEPT.take(url) if may_be_sent_again else None
        if kept is not None:
            try:
                return _asked(kept, method, url, headers, body, timeout, until)
            except (ConnectionError, http.client.BadStatusLine):  # it was closed while nobody asked
                kept.close()
        return _asked(_connection(url), method, url, headers, body, timeout, until)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _no_answer(error) from error


def _asked(
    connection: http.client.HTTPConnection,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    timeout: float,
    until: float,
) -> Answer:
    parts = urlsplit(url)
    connection.timeout = timeout
    if connection.sock is not None:
        connection.sock.settimeout(timeout)
    try:
        connection.request(method, parts._replace(scheme="", netloc="", path=parts.path or "/").geturl(), body, headers)
        response = connection.getresponse()
        closes = response.will_close
        answer = _answer(response, until)
        response.close()  # or the connection would believe that there is more
    except BaseException:
        connection.close()
        raise
    if closes:
        connection.close()
    else:
        _KEPT.give(url, connection)
    return answer


def _answer(response: http.client.HTTPResponse, until: float) -> Answer:
    named = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, named, _read(response, until))


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("unknown url type")
    if parts.scheme == "http":
        return http.client.HTTPConnection(parts.hostname, parts.port)
    return http.client.HTTPSConnection(parts.hostname, parts.port, context=_authorities(*_named()))


def _named() -> tuple[str | None, ...]:
    return tuple(os.environ.get(name) for name in _NAMED_IN)


@functools.lru_cache(maxsize=1)
def _authorities(*named: str | None) -> ssl.SSLContext:
    """Read once, not for each request of a wait, which would take less time. `named`: in _NAMED_IN."""
    return ssl.create_default_context()


class _Kept(threading.local):
    """Of each thread the last connection."""

    def __init__(self) -> None:
        self._place = ("", "")
        self._connection: http.client.HTTPConnection | None = None

    def take(self, url: str) -> http.client.HTTPConnection | None:
        """One that the other end has not closed."""
        connection, self._connection = self._connection, None
        if connection is None or connection.sock is None:
            return None
        if self._place == urlsplit(url)[:2] and not select.select([connection.sock], [], [], 0)[0]:
            return connection
        connection.close()
        return None

    def give(self, url: str, connection: http.client.HTTPConnection) -> None:
        if self._connection is not None:
            self._connection.close()
        self._place, self._connection = urlsplit(url)[:2], connection


_KEPT = _Kept()


def _may_have_proxies() -> bool:
    """Elsewhere than on Linux the system names some, too."""
    named = any(value and name.lower().endswith("_proxy") for name, value in os.environ.items())
    return named or sys.platform in ("darwin", "win32")


def _through_proxies(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float, until: float
) -> Answer:
    import urllib.request

    request = urllib.request.Request(url, data=body, headers=dict(headers), method=method)  # noqa: S310 - see _opener
    with _opener().open(request, timeout=timeout) as response:
        return _answer(response, until)


def _opener() -> "urllib.request.OpenerDirector":
    """Without the handlers that follow redirects, raise by status, or open files."""
    import urllib.request

    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=_authorities(*_named())),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _read(response: http.client.HTTPResponse, until: float) -> bytes:
    """All of it. read1() answers "" for a body that broke off, which only its length tells."""
    body, left = bytearray(), response.length
    while piece := response.read1(_PIECE):
        body += piece
        if len(body) > LARGEST:
            raise NoAnswer(f"it sent more than {LARGEST // 1024 // 1024} MB", passing=False)
        if time.monotonic() > until:
            raise TimeoutError
    if left is not None and len(body) < left:
        raise http.client.IncompleteRead(bytes(body), left - len(body))
    return bytes(body)


def _no_answer(error: Exception) -> NoAnswer:
    reason = getattr(error, "reason", None)  # what urllib wraps; also a word of OpenSSL's
    cause = reason if isinstance(reason, Exception) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return NoAnswer(
            f"its certificate is not trusted ({cause.verify_message}). Where it is your own authority's, name the file "
            "in SSL_CERT_FILE",
            passing=False,
        )
    if isinstance(cause, TimeoutError):
        return NoAnswer("it did not answer in time")
    if isinstance(cause, http.client.IncompleteRead):
        return NoAnswer("its answer broke off")
    if isinstance(cause, (ValueError, http.client.InvalidURL)) or "unknown url type" in str(cause):
        return NoAnswer(f"that is no address ({cause})", passing=False)
    return NoAnswer(str(cause) or type(cause).__name__)
