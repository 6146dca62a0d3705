"""Moments that somebody's clock shows in their own zone, on days on which that clock is set, too."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: Clocks are set at a whole second, everywhere and ever.
_EXACT = timedelta(seconds=1)


def zone(name: str) -> ZoneInfo:
    """UTC where this host does not know the name: its list of zones may be older than that by which it was chosen."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no name at all such as "", a folder
        return ZoneInfo("UTC")


def first(day: date, shown: time, where: ZoneInfo) -> datetime:
    """In UTC, when a clock there first shows that on this day, or is set forward past it."""
    return _moments(day, shown, where)[0]


def last(day: date, shown: time, where: ZoneInfo) -> datetime:
    """In UTC, when a clock there last shows that on this day, or is set forward past it."""
    return _moments(day, shown, where)[1]


def _moments(day: date, shown: time, where: ZoneInfo) -> tuple[datetime, datetime]:
    """The first and the last one; they differ only where a clock is set back and shows it twice."""
    wall = datetime.combine(day, shown, tzinfo=where)
    one, other = sorted(wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if one.astimezone(where).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return one, other
    skipped_at = _set_between(one, other, where)
    return skipped_at, skipped_at


def _set_between(before: datetime, after: datetime, where: ZoneInfo) -> datetime:
    """The moment at which the clock is set forward."""
    offset = before.astimezone(where).utcoffset()
    while after - before > _EXACT:
        middle = before + (after - before) / 2
        if middle.astimezone(where).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
