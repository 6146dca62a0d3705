"""What a forge's answer means when it is no good one: a sentence, how far it reaches, and until when to wait."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

#: Above it somebody's clock is wrong, or the header is.
LONGEST_WAIT = timedelta(hours=2)
_SECONDARY = timedelta(minutes=1)
LONGEST_MESSAGE = 200


class Reach(StrEnum):
    #: this one deployment or question
    ONE = "one"
    REPOSITORY = "repository"
    #: whatever goes over this connection
    FORGE = "forge"


class Trouble(Exception):
    """Nothing was told, or nobody knows whether it was (`unsure`)."""

    def __init__(
        self, sentence: str, reach: Reach, *, status: int = 0, until: datetime | None = None,
        unsure: bool = False, final: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(sentence)
        self.sentence = sentence
        self.reach = reach
        self.status = status
        #: when it may be tried again, if the forge says so
        self.until = until
        self.unsure = unsure
        #: trying again would change nothing
        self.final = final


def of_answer(forge: str, status: int, headers: Mapping[str, str], message: str, now: datetime) -> Trouble:
    """Of an answer that is not 2xx. `headers` by lower-case name; `message` as the forge words it."""
    said = f"HTTP {status}: {message[:LONGEST_MESSAGE]}" if message else f"HTTP {status}"
    if (until := _asked_to_wait(status, headers, message, now)) is not None:
        return Trouble(
            f"{forge} asks to wait until {until:%Y-%m-%d %H:%M:%S} UTC, since too much was asked of it ({said}).",
            Reach.FORGE, status=status, until=until,
        )  # fmt: skip
    match status:
        case 401:
            sentence = f"{forge} does not take this connection's key or token ({said}). Give it a new one."
            return Trouble(sentence, Reach.FORGE, status=status)
        case 403:
            sentence = (
                f"{forge} does not allow it ({said}). Give the app or token the permissions that docs/forges.md lists, "
                "and accept them where it is installed."
            )
            return Trouble(sentence, Reach.REPOSITORY, status=status)
        case 404 | 410:
            sentence = (
                f"{forge} does not show this repository ({said}). It was renamed, moved or deleted, or this connection "
                "has no access to it: correct its name, or give access."
            )
            return Trouble(sentence, Reach.REPOSITORY, status=status)
        case _ if status >= 500 or status == 408:
            return Trouble(f"{forge} is in trouble itself ({said}).", Reach.FORGE, status=status, unsure=True)
        case _ if 300 <= status < 400:
            sentence = f"{forge} answers with a redirect to another host ({said}), which is not followed."
            return Trouble(f"{sentence} Correct the address of its API.", Reach.FORGE, status=status)
    return Trouble(f"{forge} refuses it ({said}).", Reach.ONE, status=status)


def _asked_to_wait(status: int, headers: Mapping[str, str], message: str, now: datetime) -> datetime | None:
    """GitHub answers 403 as well as 429 for both of its limits, GitLab 429."""
    if status not in (403, 429, 503):
        return None
    if (seconds := _number(headers.get("retry-after", ""))) is not None:
        return _at_most(now + timedelta(seconds=seconds), now)
    reset = _number(headers.get("x-ratelimit-reset", headers.get("ratelimit-reset", "")))
    used_up = headers.get("x-ratelimit-remaining", headers.get("ratelimit-remaining", "")) == "0"
    if used_up and reset is not None:
        return _at_most(datetime.fromtimestamp(reset, UTC), now)
    return now + _SECONDARY if status == 429 or "rate limit" in message.lower() else None


def _number(said: str) -> int | None:
    """Of seconds; what is far beyond any that can be meant is none."""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 12 else None


def _at_most(until: datetime, now: datetime) -> datetime:
    return min(max(until, now + timedelta(seconds=1)), now + LONGEST_WAIT)
