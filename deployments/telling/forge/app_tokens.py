"""Who asks GitHub as an app: a token of its installation, kept in this process until it is about to end."""

import re
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from deployments.telling.forge.calling import read, send
from deployments.telling.forge.github import HEADERS
from deployments.telling.forge.troubles import Reach, Trouble

#: GitHub takes no assertion that is good for more than 10 minutes, nor one that was made in its future.
_SKEW, _GOOD_FOR = timedelta(seconds=60), timedelta(minutes=8)
#: A token that ends so soon is not used any more.
_LEFT = timedelta(minutes=2)
_TOKEN = re.compile(r"[!-~]{1,2000}")

_lock = threading.Lock()
_kept: dict[tuple[str, str, str, int], tuple[str, datetime]] = {}


class AppTokens:
    """Of one connection. Nothing of it is written anywhere."""

    def __init__(
        self, *, forge: str, base: str, app: str, installation: str, key: str, clock: Callable[[], datetime]
    ) -> None:
        """`key`: PEM. `base`: of the API."""
        self._forge, self._base = forge, base.rstrip("/")
        self._app, self._installation, self._key = app, installation, key
        self._clock = clock
        self._name = (self._base, app, installation, hash(key))

    def __call__(self, fresh: bool) -> Mapping[str, str]:
        """Raises Trouble."""
        with _lock:
            kept = _kept.get(self._name)
        if kept is None or fresh or self._clock() > kept[1] - _LEFT:
            kept = self._exchanged()
            with _lock:
                _kept[self._name] = kept
        return {**HEADERS, "Authorization": f"Bearer {kept[0]}"}

    def _exchanged(self) -> tuple[str, datetime]:
        url = f"{self._base}/app/installations/{self._installation}/access_tokens"
        headers = {**HEADERS, "Authorization": f"Bearer {self._assertion()}"}
        answer = send(self._forge, "POST", url, {}, headers)
        if answer.status == 404:
            sentence = (
                f"{self._forge} knows no installation {self._installation} of the app {self._app}: it was uninstalled, "
                "or the number is another app's. Install it again and give the new number."
            )
            raise Trouble(sentence, Reach.FORGE, status=404)
        return _token(self._forge, read(self._forge, answer, self._clock()))

    def _assertion(self) -> str:
        import jwt  # not held by processes that tell no forge

        now = self._clock()
        claims = {
            "iss": self._app,
            "iat": int((now - _SKEW).timestamp()),
            "exp": int((now + _GOOD_FOR).timestamp()),
        }
        try:
            return jwt.encode(claims, self._key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError) as error:
            sentence = "The private key of this connection cannot be read: give the .pem file that GitHub made, whole."
            raise Trouble(sentence, Reach.FORGE) from error


def _token(forge: str, said: Any) -> tuple[str, datetime]:
    try:
        token, ends = str(said["token"]), datetime.fromisoformat(said["expires_at"])
    except (KeyError, TypeError, ValueError) as error:
        raise Trouble(f"{forge} gave no token for its app.", Reach.FORGE, unsure=True) from error
    if not _TOKEN.fullmatch(token):  # it goes into a header
        raise Trouble(f"{forge} gave no token for its app.", Reach.FORGE, unsure=True)
    return token, ends if ends.tzinfo else ends.replace(tzinfo=UTC)


def forget() -> None:
    """All tokens of this process."""
    with _lock:
        _kept.clear()
