"""One request to a forge's API, answered with JSON or ended by a Trouble."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from deployments.outbound.errors import FetchError
from deployments.outbound.fetching import Answer, Request, fetch
from deployments.telling.forge import troubles
from deployments.telling.forge.troubles import Reach, Trouble
from deployments.texts import printable

SECONDS = 10.0
#: Of all requests of one turn at a row; one that is begun within it may end SECONDS later, twice with a new token. A
#: task that takes longer than django-q2 lets it ends the whole process.
TURN_SECONDS = 25.0
LIMIT = 2 * 1024 * 1024
_REDIRECTS = (301, 302, 307, 308)

#: The headers that say who asks; True: with fresh credentials, the last were refused. Raises Trouble.
Credentials = Callable[[bool], Mapping[str, str]]


class Api:
    """Of one connection, below its base address; a redirect is followed once, and on the same host only."""

    def __init__(self, *, forge: str, base: str, credentials: Credentials, clock: Callable[[], datetime]) -> None:
        """`forge`: as sentences call it."""
        self.forge = forge
        self.base = base.rstrip("/")
        self._credentials = credentials
        self._clock = clock
        self._ends = time.monotonic() + TURN_SECONDS
        #: whether the forge sent us elsewhere: the repository has a new name
        self.was_moved = False

    def get(self, path: str, **query: str) -> Any:
        """Raises Trouble."""
        return self._asked("GET", f"{path}?{urlencode(query)}" if query else path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Raises Trouble."""
        return self._asked("POST", path, body)

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Raises Trouble."""
        return self._asked("PUT", path, body)

    def _asked(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        url = f"{self.base}{path}"
        answer = self._sent(method, url, body, self._credentials(False))
        if answer.status == 401:  # such as a token that was revoked before its time
            answer = self._sent(method, url, body, self._credentials(True))
        if answer.status in _REDIRECTS and (moved := self._same_host(url, answer.headers.get("location", ""))):
            self.was_moved = True
            answer = self._sent(method, moved, body, self._credentials(False))
        return read(self.forge, answer, self._clock())

    def _sent(self, method: str, url: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]) -> Answer:
        if time.monotonic() > self._ends:
            raise Trouble(f"{self.forge} answers slowly; it is asked for the rest later.", Reach.FORGE, unsure=True)
        return send(self.forge, method, url, body, headers)

    def _same_host(self, url: str, location: str) -> str:
        """Credentials go nowhere else."""
        moved, ours = urlsplit(urljoin(url, location)), urlsplit(self.base)
        same = (moved.scheme, moved.netloc) == (ours.scheme, ours.netloc) and moved.path.startswith(ours.path)
        return moved.geturl() if location and same else ""


def send(forge: str, method: str, url: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]) -> Answer:
    """Whatever is answered. Raises Trouble when nothing is."""
    content = None if body is None else json.dumps(body).encode()
    sent = {"Accept": "application/json", **({"Content-Type": "application/json"} if content else {}), **headers}
    try:
        return fetch(Request(url=url, method=method, headers=sent, content=content, seconds=SECONDS, limit=LIMIT))
    except FetchError as error:
        raise Trouble(f"{forge} cannot be reached: {error}", Reach.FORGE, unsure=True) from error


def failed(forge: str, error: Exception) -> Trouble:
    """Of what nobody thought of, such as a value that no database keeps: it is one row's and no other's."""
    said = f"{type(error).__name__}: {printable(str(error))[: troubles.LONGEST_MESSAGE]}"
    return Trouble(f"What {forge} answered made Tealgate fail ({said}).", Reach.ONE, unsure=True)


def read(forge: str, answer: Answer, now: datetime) -> Any:
    """What a good answer says; None when that is nothing. Raises Trouble."""
    said = _json(answer.body)
    if not 200 <= answer.status < 300:
        raise troubles.of_answer(forge, answer.status, answer.headers, _message(said), now)
    if said is None and answer.body:
        raise Trouble(f"{forge} answers with something that is no JSON.", Reach.FORGE, unsure=True)
    return said


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None


def _message(said: Any) -> str:
    """GitHub's `message`, with what `errors` add; GitLab's, which may be an object, or `error`."""
    if not isinstance(said, dict):
        return ""
    message = said.get("message") or said.get("error") or ""
    errors = said.get("errors")
    more = [str(each["message"]) for each in errors or () if isinstance(each, dict) and each.get("message")] if (
        isinstance(errors, list)) else []  # fmt: skip
    words = " ".join([message if isinstance(message, str) else json.dumps(message), *more]).split()
    return printable(" ".join(words))
