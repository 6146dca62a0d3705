"""/api/v1/ for Python: JSON in and out, problems as exceptions, and patience with what passes.

    api = Api("https://tealgate.example.com", Given("tealgate_…"))
    api.get("/environments/shop/staging")["live"]

What passes is asked again (`patience`), and each POST has an Idempotency-Key, so that it is done once however often it
is sent.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from tealgate import __version__, wire
from tealgate.answers import Reply
from tealgate.endings import Refused
from tealgate.patience import patiently
from tealgate.texts import clean
from tealgate.wire import Answer

PATIENCE = 30.0


class Credential(Protocol):
    def token(self) -> str:
        """Raises Ending when there is none."""

    def renewed(self) -> bool:
        """The token was refused: whether there is another one now."""


@dataclass
class Given:
    """A token that somebody made."""

    secret: str = field(repr=False)

    def token(self) -> str:
        return self.secret

    def renewed(self) -> bool:
        return False


class Api:
    """`patience`: seconds for which what passes is tried again. `tell` hears of it in sentences."""

    def __init__(
        self,
        url: str,
        credential: Credential,
        *,
        patience: float = PATIENCE,
        tell: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self.url = checked(url)
        self.patience = patience
        self._credential, self._tell = credential, tell

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        return self.ask("GET", path, query=query).data

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str = "") -> Any:
        return self.ask("POST", path, body=body or {}, key=key or str(uuid.uuid4())).data

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        return self.ask("PUT", path, body=body).data

    def delete(self, path: str) -> Any:
        return self.ask("DELETE", path).data

    def listed(self, path: str, query: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """All of a list, newest first, a piece at a time."""
        asked = dict(query or {})
        while True:
            piece = self.get(path, asked)
            yield from piece["items"]
            if not piece["next_cursor"]:
                return
            asked["cursor"] = piece["next_cursor"]

    def page(self, deployment: int) -> str:
        """Where people see it."""
        return f"{self.url}/deployments/deployment/{deployment}/change/"

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        key: str = "",
        timeout: float = wire.TIMEOUT,
        patience: float | None = None,
    ) -> Reply:
        """`path` below /api/v1. Raises Refused, Unreachable, and what the credential raises."""
        url = f"{self.url}/api/v1{path}" + (f"?{urlencode(query)}" if query else "")
        sent = None if body is None else json.dumps(body).encode()
        return patiently(
            lambda: self._once(method, url, sent, key, timeout),
            place=self.url,
            seconds=self.patience if patience is None else patience,
            tell=self._tell,
        )

    def _once(self, method: str, url: str, body: bytes | None, key: str, timeout: float) -> Answer:
        headers = {
            "Accept": "application/json",
            "User-Agent": f"tealgate/{__version__}",
            **({"Content-Type": "application/json"} if body is not None else {}),
            **({"Idempotency-Key": key} if key else {}),
        }
        for last in (False, True):
            secret = self._credential.token()
            found = wire.ask(
                method, url, headers={**headers, "Authorization": f"Bearer {secret}"}, body=body, timeout=timeout
            )
            if found.status != HTTPStatus.UNAUTHORIZED or last or not self._credential.renewed():
                break
        return found


def at(*parts: object) -> str:
    """A path whose parts are names of others: "/environments/shop/staging"."""
    return "".join(f"/{quote(str(part), safe='')}" for part in parts)


def checked(url: str) -> str:
    """An address without its last slash. Raises Refused."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise Refused(f"{clean(url)} is no address of a Tealgate: write https://tealgate.example.com.")
    return url.rstrip("/")
