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

from tealgate import stored, wire
from tealgate.api import Credential, Given
from tealgate.ci import Ci
from tealgate.endings import Refused
from tealgate.patience import patiently
from tealgate.stored import Login

#: Seconds before its end at which a token counts as over.
EARLY = 60.0
#: Tealgate may have to wait for a minute until it may ask the issuer for its keys again.
_PATIENCE = 90.0
_NOBODY = (
    "Nobody is signed in: set TEALGATE_TOKEN (made on Tealgate's page *API tokens*), let the CI give an ID token, or "
    "run `tealgate login`."
)


def choose(url: str, ci: Ci, login: Login | None, environ: Mapping[str, str] = os.environ) -> Credential:
    """Raises Refused when there is none."""
    trust = environ.get("TEALGATE_TRUST", "")
    if secret := environ.get("TEALGATE_TOKEN", "").strip():
        if not (secret.isascii() and secret.isprintable()) or " " in secret:
            raise Refused("TEALGATE_TOKEN is no token: it has blanks or signs that none has. Was it pasted whole?")
        return Given(secret)
    if ci.id_token_in:
        return Exchanged(url, lambda: environ[ci.id_token_in].strip(), trust=trust, kept=True)
    if ci.is_github and environ.get("ACTIONS_ID_TOKEN_REQUEST_URL"):
        return Exchanged(url, lambda: _from_github(url, environ), trust=trust)
    if login and login.url == url:
        if time.time() > _moment(login.expires_at):
            raise Refused("Your sign-in is over. Run `tealgate login` again.")
        return Given(login.token)
    permission = " In GitHub Actions the job needs `permissions: id-token: write`." if ci.is_github else ""
    raise Refused(_NOBODY + permission)


@dataclass
class Exchanged:
    """Of a CI. `id_token` is asked for at each exchange, since some give a new one each time."""

    url: str
    id_token: Callable[[], str]
    #: which of Tealgate's trusts is meant, where several fit
    trust: str = ""
    #: whether the CI gives one ID token for all of the job, which is good for one exchange
    kept: bool = False
    now: Callable[[], float] = time.time
    _login: Login | None = field(default=None, repr=False)

    def token(self) -> str:
        if self._login is None and self.kept:
            self._login = stored.of_job(self.url, self.id_token())
        if self._login is None or self.now() > _moment(self._login.expires_at) - EARLY:
            self._login = self._exchange()
        return self._login.token

    def renewed(self) -> bool:
        self._login = self._exchange()
        return True

    def _exchange(self) -> Login:
        """The token of before says that it is still the same job that shows its ID token again."""
        shown = {"id_token": self.id_token(), **({"trust": self.trust} if self.trust else {})}
        before = {"Authorization": f"Bearer {self._login.token}"} if self._login else {}
        said = _asked("POST", f"{self.url}/api/v1/oidc/token", shown, before)
        login = Login(url=self.url, token=said["token"], expires_at=said["expires_at"])
        if self.kept:
            stored.keep_for_job(login, shown["id_token"])
        return login


def _moment(at: str) -> float:
    return datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()


def _from_github(url: str, environ: Mapping[str, str]) -> str:
    """As its runner documents it: the audience is us, so that nobody else can use it here."""
    address, secret = environ["ACTIONS_ID_TOKEN_REQUEST_URL"], environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
    joined = f"{address}{'&' if urlsplit(address).query else '?'}audience={quote(url, safe='')}"
    return _asked("GET", joined, None, {"Authorization": f"Bearer {secret}"})["value"]


def _asked(method: str, url: str, body: Mapping[str, str] | None, headers: Mapping[str, str]) -> dict[str, str]:
    """Raises Refused and Unreachable."""
    sent = None if body is None else json.dumps(body).encode()
    kind = {} if body is None else {"Content-Type": "application/json"}
    heads = {"Accept": "application/json", **kind, **headers}
    reply = patiently(
        lambda: wire.ask(method, url, headers=heads, body=sent), place=urlsplit(url).netloc, seconds=_PATIENCE
    )
    return dict(reply.data)
