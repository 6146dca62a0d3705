"""The way out: a bot's own token, and what it says to Microsoft's Bot Connector. It needs no database.

The token is kept in this process's memory, and asked for anew before it ends.
https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
"""

import hashlib
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.conf import settings

from deployments import logs
from deployments.outbound.errors import FetchError
from deployments.outbound.fetching import Answer, Request, fetch, is_loopback, place_of
from deployments.telling import attempts
from deployments.telling.chat.bot import hosts
from deployments.texts import printable

_LIMIT: Final = 64 * 1024
#: So long before its end a token is not used any more, or for the last quarter of a short one.
_BEFORE_ITS_END: Final = timedelta(minutes=5)
#: Of a token, in seconds; one that says otherwise is used once.
_LONGEST: Final = 86_400
_TOKEN: Final = re.compile(r"[!-~]{1,16384}")
#: Microsoft Entra's own number of what is wrong.
_NUMBER: Final = re.compile(r"AADSTS\d{1,9}")


@dataclass(frozen=True, kw_only=True)
class Bot:
    app_id: str
    tenant: str
    secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Place:
    """`conversation`: its ID, with a thread's where that is answered."""

    bot: Bot
    conversation: str
    service_url: str


class NoToken(Exception):
    """Microsoft gives the bot none; the message is a sentence without its secret."""

    def __init__(self, sentence: str, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class Connector:
    """Of one process: threads share its tokens."""

    def __init__(self) -> None:
        self._tokens: dict[tuple[str, str, str], tuple[str, str, datetime]] = {}
        self._lock = threading.Lock()

    def said(
        self, place: Place, activity: Mapping[str, Any], now: datetime, *, seconds: float, instead: str = ""
    ) -> Answer:
        """`instead`: the ID of an earlier activity, which this one replaces. Raises FetchError, NoToken.

        With a token that is not taken any more comes 401; the next one asks for another.
        """
        ends = monotonic() + seconds
        token = self._token(place.bot, now, seconds)
        where = f"{place.service_url.rstrip('/')}/v3/conversations/{quote(place.conversation, safe='')}/activities"
        answer = fetch(
            Request(
                url=f"{where}/{quote(instead, safe='')}" if instead else where, method="PUT" if instead else "POST",
                headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
                content=json.dumps(activity).encode(), seconds=max(ends - monotonic(), 0.1), limit=_LIMIT,
                public=not hosts.is_tried_out(place.service_url),
            )
        )  # fmt: skip
        if answer.status == 401:
            self._forget(place.bot, token)
        return answer

    def _forget(self, bot: Bot, token: str) -> None:
        """Another thread may have a newer one by now."""
        with self._lock:
            if _key(bot) in self._tokens and self._tokens[_key(bot)][1] == token:
                del self._tokens[_key(bot)]
        logs.forget(token)

    def _token(self, bot: Bot, now: datetime, seconds: float) -> str:
        """Raises NoToken, FetchError."""
        made_with = hashlib.sha256(bot.secret.encode()).hexdigest()
        with self._lock:
            secret, token, until = self._tokens.get(_key(bot), ("", "", now))
        if secret == made_with and now < until:
            return token
        token, lasts = _asked(bot, now, seconds)
        with self._lock:
            before = self._tokens.get(_key(bot), ("", "", now))[1]
            self._tokens[_key(bot)] = (made_with, token, now + lasts - min(_BEFORE_ITS_END, lasts / 4))
        logs.forget(before)
        logs.learn(token)
        return token


def _key(bot: Bot) -> tuple[str, str, str]:
    return settings.TEAMS_LOGIN_URL, bot.tenant, bot.app_id


def _asked(bot: Bot, now: datetime, seconds: float) -> tuple[str, timedelta]:
    """A token, and how long it lasts. Raises NoToken, FetchError."""
    login = settings.TEAMS_LOGIN_URL
    form = {
        "grant_type": "client_credentials", "client_id": bot.app_id, "client_secret": bot.secret,
        "scope": f"{settings.TEAMS_ISSUER}/.default",
    }  # fmt: skip
    try:
        answer = fetch(
            Request(
                url=f"{login}/{quote(bot.tenant, safe='')}/oauth2/v2.0/token", method="POST",
                headers={"Content-Type": "application/x-www-form-urlencoded"}, content=urlencode(form).encode(),
                seconds=seconds, limit=_LIMIT, public=not is_loopback(login.partition("://")[2].partition(":")[0]),
            )
        )  # fmt: skip
    except FetchError as error:  # nothing was said to the conversation yet
        raise NoToken(f"There is no token for the bot: {error}") from error
    said = read(answer.body)
    token, lasts = said.get("access_token"), said.get("expires_in")
    if answer.status != 200 or not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise _no_token(answer, said, now)
    return token, _lasting(lasts)


def _lasting(said: Any) -> timedelta:
    """Some of Microsoft's services write the seconds as text. Nothing for what is no such number."""
    if isinstance(said, str) and len(said) < 10 and said.isascii() and said.isdecimal():
        said = int(said)
    good = isinstance(said, int) and not isinstance(said, bool) and 0 < said <= _LONGEST
    return timedelta(seconds=said if good else 0)


def _no_token(answer: Answer, said: Mapping[str, Any], now: datetime) -> NoToken:
    place, pause = place_of(settings.TEAMS_LOGIN_URL), attempts.asked_seconds(answer.headers, now)
    if answer.status == 429 or answer.status >= 500 or answer.status == 200:
        return NoToken(f"{place} answers HTTP {answer.status}, and gives no token for the bot.", pause)
    found = _NUMBER.search(str(said.get("error_description", "")))
    what = ", ".join(filter(None, (printable(str(said.get("error", "")))[:60], found[0] if found else "")))
    return NoToken(
        f"{place} does not take the bot's secret ({what or f'HTTP {answer.status}'}). Look at the tenant, the "
        "application ID and the secret of its workspace; a secret ends on a day that Microsoft Entra shows.", pause,
    )  # fmt: skip


def read(body: bytes) -> Mapping[str, Any]:
    """An object of JSON; empty for anything else."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
