"""The way by which what apprise's services ask goes out: as every other request of ours, within the same limits.

They all use `requests`; while a message is sent, every session of that thread is given this adapter, whichever it has.
It follows no redirect, goes to no private address that was not allowed, ends in time, and keeps what was answered.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import requests
from requests import sessions
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from deployments.outbound.errors import FetchError
from deployments.outbound.fetching import Answer, Request, fetch

#: More than a service's answer to a message has.
_LIMIT = 256 * 1024
#: Ours to say.
_LEFT_OUT = frozenset({"content-length", "transfer-encoding", "connection", "accept-encoding", "host"})


@dataclass
class Exchange:
    """All that is asked while it is open. `ends` by time.monotonic()."""

    public: bool
    ends: float
    answers: list[tuple[str, Answer]] = field(default_factory=list)
    trouble: FetchError | None = None
    #: that were asked, whoever answered
    hosts: set[str] = field(default_factory=set)


_open: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


@contextmanager
def exchange(*, public: bool, seconds: float) -> Iterator[Exchange]:
    """Requests of this thread go through here until it is left."""
    _stand_in_the_way()
    opened = Exchange(public, time.monotonic() + seconds)
    token = _open.set(opened)
    try:
        yield opened
    finally:
        _open.reset(token)


class Door(BaseAdapter):
    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Raises what `requests` raises, as each service's library expects it."""
        opened = _open.get()
        if opened is None:
            raise requests.ConnectionError("it is over", request=request)
        opened.hosts.add(urlsplit(str(request.url)).hostname or "")
        try:
            answer = fetch(_asked(request, opened))
        except FetchError as trouble:
            opened.trouble = trouble
            raise requests.ConnectionError("no answer", request=request) from trouble
        opened.answers.append((str(request.url), answer))
        return _response(request, answer)

    def close(self) -> None:
        pass  # each request has a connection of its own


_DOOR = Door()


@cache
def _stand_in_the_way() -> None:
    """Somebody else's requests, in a process that also sends, go their own way."""
    own = sessions.Session.get_adapter

    def get_adapter(session: requests.Session, url: str) -> BaseAdapter:
        return _DOOR if _open.get() else own(session, url)

    setattr(sessions.Session, "get_adapter", get_adapter)  # noqa: B010 - mypy takes it for a mistake


def _asked(request: requests.PreparedRequest, opened: Exchange) -> Request:
    content = request.body.encode() if isinstance(request.body, str) else request.body
    if not isinstance(content, bytes | None):
        raise FetchError("It would have sent a file, which no message of Tealgate has.")
    headers = {name: _text(value) for name, value in request.headers.items() if name.lower() not in _LEFT_OUT}
    return Request(
        url=str(request.url), method=request.method or "GET", headers=headers, content=content,
        seconds=max(opened.ends - time.monotonic(), 0.01), limit=_LIMIT, public=opened.public,
    )  # fmt: skip


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    # Without where it leads to, nothing is followed.
    told = {name: value for name, value in answer.headers.items() if name != "location"}
    response.headers = CaseInsensitiveDict(told)
    response._content, response.url, response.request = answer.body, str(request.url), request
    response.encoding = requests.utils.get_encoding_from_headers(response.headers)
    return response
