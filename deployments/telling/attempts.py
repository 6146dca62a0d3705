"""When something is tried again that did not come through, over values; for all that is told outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: It is tried for so long, and a place at which all failed for so long is turned off.
TRIED_FOR = timedelta(days=3)
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
#: A receiver may ask for a longer pause, up to this.
LONGEST_ASKED = timedelta(hours=6)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """`number` from 1; `tried_for`: since the first one. `jitter` is between 0 and 1. `by_hand`: it is the only one."""

    number: int
    tried_for: timedelta
    jitter: float
    by_hand: bool = False


def pause_after(attempt: Attempt, *, asked: timedelta = timedelta(), longest: timedelta = LONGEST_PAUSE) -> timedelta:
    """5 s after the first, three times as long after each more, up to `longest`; a fifth more or less of it by chance.

    `asked`: the pause that the receiver asks for.
    """
    times: int = 3 ** min(attempt.number - 1, 10)
    pause = min(SHORTEST_PAUSE * times, longest)
    return max(pause * (0.8 + 0.4 * attempt.jitter), min(asked, LONGEST_ASKED))


def asked_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Of an answer's, with their names in small letters; None where it asks for no pause."""
    seconds = asked_pause(headers.get("retry-after", ""), now).total_seconds()
    return seconds if seconds > 0 else None


def asked_pause(said: str, now: datetime) -> timedelta:
    """Of Retry-After, which has seconds or a date; anything else asks for nothing."""
    if said.isascii() and said.isdecimal() and len(said) < 10:
        return timedelta(seconds=int(said))
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, OverflowError):  # the second of a zone that is further away than any number
        return timedelta()
    return (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
