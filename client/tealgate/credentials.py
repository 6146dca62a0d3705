"""Who asks: a token that was given, a CI by its own identity, or a person who signed in. In this order.

A CI's identity is an ID token that Tealgate exchanges for a token of 15 minutes. A wait is longer than that, so it is
exchanged again shortly before it ends, and when it was refused.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlsplit

from tealgate import answers, wire
from tealgate.api import Credential, Given
from tealgate.ci import Ci
from tealgate.endings import Refused, Unreachable
from tealgate.stored import Login
from tealgate.texts import clean

#: Seconds before its end at which a token counts as over.
EARLY = 60.0
_TRIES = 4
_NOBODY = (
    "Nobody is signed in: set TEALGATE_TOKEN (made on Tealgate's page *API tokens*), let the CI give an ID token, or "
    "run `tealgate login`."
)


def choose(url: str, ci: Ci, login: Login | None, environ: Mapping[str, str] = os.environ) -> Credential:
    """Raises Refused when there is none."""
    if secret := environ.get("TEALGATE_TOKEN", "").strip():
        return Given(secret)
    if ci.id_token_in:
        return Exchanged(url, lambda: environ[ci.id_token_in])
    if ci.is_github and environ.get("ACTIONS_ID_TOKEN_REQUEST_URL"):
        return Exchanged(url, lambda: _from_github(url, environ))
    if login and login.url == url:
        return Given(login.token)
    permission = " In GitHub Actions the job needs `permissions: id-token: write`." if ci.is_github else ""
    raise Refused(_NOBODY + permission)


@dataclass
class Exchanged:
    """Of a CI. `id_token` is asked for anew for each exchange, where the CI gives a new one."""

    url: str
    id_token: Callable[[], str]
    now: Callable[[], float] = time.time
    _token: str = field(default="", repr=False)
    _until: float = 0.0

    def token(self) -> str:
        if not self._token or self.now() > self._until - EARLY:
            self._exchange()
        return self._token

    def renewed(self) -> bool:
        self._exchange()
        return True

    def _exchange(self) -> None:
        said = _asked("POST", f"{self.url}/api/v1/oidc/token", {"id_token": self.id_token()}, {})
        self._token = said["token"]
        self._until = datetime.fromisoformat(said["expires_at"].replace("Z", "+00:00")).timestamp()


def _from_github(url: str, environ: Mapping[str, str]) -> str:
    """As its runner documents it: the audience is us, so that nobody else can use it here."""
    address, secret = environ["ACTIONS_ID_TOKEN_REQUEST_URL"], environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
    joined = f"{address}{'&' if urlsplit(address).query else '?'}audience={quote(url, safe='')}"
    return _asked("GET", joined, None, {"Authorization": f"Bearer {secret}"})["value"]


def _asked(method: str, url: str, body: Mapping[str, str] | None, headers: Mapping[str, str]) -> dict[str, str]:
    """Raises Refused and Unreachable."""
    sent = None if body is None else json.dumps(body).encode()
    kind = {} if body is None else {"Content-Type": "application/json"}
    trouble: Exception = Unreachable("It was not asked.")
    for tries in range(_TRIES):
        time.sleep(2.0**tries - 1)
        try:
            answer = wire.ask(method, url, headers={"Accept": "application/json", **kind, **headers}, body=sent)
            if (passing := answers.trouble(answer)) is None:
                return dict(answers.reply(answer).data)
            trouble = passing
        except wire.NoAnswer as silent:
            trouble = Unreachable(f"{urlsplit(url).netloc} cannot be reached: {clean(silent.reason)}.")
            if not silent.passing:
                break
    raise trouble
