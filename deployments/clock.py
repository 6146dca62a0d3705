"""The time that all parts of Tealgate go by: the database's. A host whose clock is wrong, or jumps, changes nothing.

A connection to PostgreSQL brings the server's time, and from then on seconds are counted by the clock that never jumps.
Without such a server, with SQLite, there is one host, and its clock is gone by. AWS's answers carry AWS's time: how far
ours is from it is kept for people to be told, since measurements and what AWS says of itself are dated by that.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from deployments import logs
from deployments.words import duration_words

log = logs.get(__name__)

#: More than this is told to people. Answers are dated in whole seconds and may be on their way for some.
OFF_SECONDS = 15.0
#: What was asked for longer ago is asked anew with the next connection.
FRESH_SECONDS = 30.0
#: An answer that took longer tells little of the time.
LONGEST_SECONDS = 2.0


class Anchor(NamedTuple):
    #: the server's time, and the monotonic clock then
    at: datetime
    monotonic: float
    #: how far this host's clock was ahead of it
    host_ahead: float


_anchor: Anchor | None = None
_ahead_of_aws: float | None = None


def now() -> datetime:
    if _anchor is None:
        return datetime.now(UTC)
    return _anchor.at + timedelta(seconds=time.monotonic() - _anchor.monotonic)


def is_fresh() -> bool:
    return _anchor is not None and time.monotonic() - _anchor.monotonic < FRESH_SECONDS


def set_by(server: datetime, took: float) -> None:
    """The server's time, in an answer that took so many seconds until now."""
    global _anchor
    if took > LONGEST_SECONDS:
        return
    at = server + timedelta(seconds=took / 2)
    ahead = (datetime.now(UTC) - at).total_seconds()
    if abs(ahead) > OFF_SECONDS and not (_anchor and abs(ahead - _anchor.host_ahead) < OFF_SECONDS):
        log.warning("this host's clock is not the database's, which is gone by", ahead_seconds=round(ahead, 1))
    _anchor = Anchor(at, time.monotonic(), ahead)


def heard_of_aws(dated: datetime, took: float) -> None:
    """What an answer of AWS's is dated, and how many seconds it took until now."""
    global _ahead_of_aws
    if took <= LONGEST_SECONDS:
        # Half a second on average is cut off the date.
        _ahead_of_aws = (now() - dated).total_seconds() - 0.5 - took / 2


def ahead_of_aws() -> float | None:
    """In seconds, at the last answer that this process got; None: there was none."""
    return _ahead_of_aws


def told(ahead: float | None) -> str:
    """What is wrong with a clock that is so far ahead of AWS's, in a sentence; "" when nothing is."""
    if ahead is None or abs(ahead) <= OFF_SECONDS:
        return ""
    off = f"{duration_words(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'}"
    return (
        f"Tealgate's clock is {off} AWS's: measurements are read for the wrong minutes, and AWS refuses "
        "requests that are off by 5 min. Set the clock of the database's host right (NTP); with SQLite this host's."
    )
