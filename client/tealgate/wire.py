"""One request and its answer, within a time and a size. Whatever has a status is an answer, also a redirect.

Redirects are not followed: the token would go wherever somebody points to. Proxies are those of the environment
(HTTPS_PROXY, NO_PROXY), authorities those of the machine (SSL_CERT_FILE).
"""

import functools
import http.client
import os
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

#: Seconds without a byte, and for all of an answer.
TIMEOUT = 30.0
LARGEST = 20 * 1024 * 1024
_PIECE = 64 * 1024
#: Where OpenSSL looks for the machine's authorities, if anybody says so.
_NAMED_IN = ("SSL_CERT_FILE", "SSL_CERT_DIR")


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
        request = urllib.request.Request(url, data=body, headers=dict(headers), method=method)  # noqa: S310 - see _opener
        with _opener().open(request, timeout=timeout) as response:
            named = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, named, _read(response, until))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _no_answer(error) from error


def _opener() -> urllib.request.OpenerDirector:
    """Without the handlers that follow redirects, raise by status, or open files."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=_authorities(*(os.environ.get(name) for name in _NAMED_IN))),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


@functools.lru_cache(maxsize=1)
def _authorities(*named: str | None) -> ssl.SSLContext:
    """Read once, not for each request of a wait, which would take less time. `named`: in _NAMED_IN."""
    return ssl.create_default_context()


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
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
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
