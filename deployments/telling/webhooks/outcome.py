"""What an answer means, over values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from deployments.outbound.fetching import place_of
from deployments.telling.attempts import TRIED_FOR, Attempt, asked_pause, pause_after


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
    return failed(said, attempt, asked=asked_pause(headers.get("retry-after", ""), now))


def failed(said: str, attempt: Attempt, *, asked: timedelta = timedelta()) -> Outcome:
    """`asked`: the pause that the receiver asks for."""
    if attempt.by_hand:
        return GivenUp(said, said)
    if attempt.tried_for >= TRIED_FOR:
        end = f"Given up after {attempt.number} attempts in {TRIED_FOR.days} days; later events go on."
        return GivenUp(f"{said} {end}", said)
    return Again(said, pause_after(attempt, asked=asked))
