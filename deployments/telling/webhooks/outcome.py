"""What an answer means, over values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from deployments.outbound.fetching import place_of

#: A delivery is tried for so long, and a webhook that failed for so long is turned off.
TRIED_FOR = timedelta(days=3)
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
#: A receiver may ask for a longer pause, up to this.
LONGEST_ASKED = timedelta(hours=6)


@dataclass(frozen=True)
class Delivered:
    said: str


@dataclass(frozen=True)
class Again:
    said: str
    pause: timedelta


@dataclass(frozen=True)
class GivenUp:
    said: str
    #: of that, what the last attempt found
    seen: str


@dataclass(frozen=True)
class NotWanted:
    """The receiver says that it is gone for good."""

    said: str


Outcome = Delivered | Again | GivenUp | NotWanted


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """`number` from 1; `tried_for`: since the first one. `jitter` is between 0 and 1. `by_hand`: it is the only one."""

    number: int
    tried_for: timedelta
    jitter: float
    by_hand: bool = False


def answered(place: str, status: int, headers: Mapping[str, str], attempt: Attempt, now: datetime) -> Outcome:
    """`headers` by lower-case name."""
    if 200 <= status < 300:
        return Delivered(f"{place} took it with HTTP {status}.")
    if status == 410:
        return NotWanted(f"{place} answered HTTP 410 Gone: it wants nothing any more.")
    location = headers.get("location", "")
    if 300 <= status < 400 and location:
        where = place_of(location) if "://" in location else "another path"
        said = (
            f"{place} answered HTTP {status} and leads to {where}. No redirect is followed: give the webhook that URL."
        )
    else:
        said = f"{place} answered HTTP {status}."
    return failed(said, attempt, asked=_asked_pause(headers.get("retry-after", ""), now))


def failed(said: str, attempt: Attempt, *, asked: timedelta = timedelta()) -> Outcome:
    """`asked`: the pause that the receiver asks for."""
    if attempt.by_hand:
        return GivenUp(said, said)
    if attempt.tried_for >= TRIED_FOR:
        end = f"Given up after {attempt.number} attempts in {TRIED_FOR.days} days; later events go on."
        return GivenUp(f"{said} {end}", said)
    return Again(said, max(_backoff(attempt), min(asked, LONGEST_ASKED)))


def _backoff(attempt: Attempt) -> timedelta:
    """5 s after the first, three times as long after each more, up to an hour; a fifth more or less of it by chance."""
    times: int = 3 ** min(attempt.number - 1, 10)
    pause = min(SHORTEST_PAUSE * times, LONGEST_PAUSE)
    return pause * (0.8 + 0.4 * attempt.jitter)


def _asked_pause(said: str, now: datetime) -> timedelta:
    """Retry-After has seconds or a date; anything else asks for nothing."""
    if said.isascii() and said.isdecimal() and len(said) < 10:
        return timedelta(seconds=int(said))
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, OverflowError):  # the second of a zone that is further away than any number
        return timedelta()
    return (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
