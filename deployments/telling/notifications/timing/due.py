"""When somebody is told: at once, or together with what else comes until then."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models.preference import NotificationPreference, Pace
from deployments.telling.notifications.timing import wall
from deployments.telling.notifications.timing.quiet import QuietHours

#: When whoever takes a day, or a week, together gets it, by their own clock.
MORNING = time(8)
#: A person reads no more of one place within an hour; a release train of ten environments tells two of each.
MOST_AN_HOUR = 20
#: What comes after those is sent together, so often.
TOGETHER_EVERY = timedelta(minutes=15)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Timing:
    where: ZoneInfo
    quiet: QuietHours | None = None
    pace: Pace = Pace.AT_ONCE
    #: whether what is urgent comes in quiet hours, too
    wakes: bool = False

    @classmethod
    def of(cls, preference: NotificationPreference | None) -> "Timing":
        if preference is None:
            return AT_ONCE
        where, begin, end = wall.zone(preference.zone), preference.quiet_from, preference.quiet_until
        quiet = QuietHours(begin, end, where) if begin is not None and end is not None else None
        return cls(where=where, quiet=quiet, pace=Pace(preference.pace), wakes=preference.wakes)


#: Of a channel, and of people who never said.
AT_ONCE = Timing(where=wall.zone("UTC"))


def due(kind: Kind, timing: Timing, now: datetime, *, told: int = 0) -> datetime:
    """`told`: how much that place was told in the last hour. Later than `now`: with all that is due by then."""
    if kind is Kind.TEST:
        return now
    at = now if kind.breaks_in else _paced(timing, now)
    if at == now and told >= MOST_AN_HOUR and not kind.breaks_in:
        at = _next(now, TOGETHER_EVERY)
    quiet = None if timing.wakes and _is_urgent(kind) else timing.quiet
    return (quiet.until(at) if quiet else None) or at


def morning_after(now: datetime, where: ZoneInfo) -> datetime:
    """The next one by a clock there, in UTC."""
    today = now.astimezone(where).date()
    return next(at for days in range(3) if (at := wall.first(today + days * _DAY, MORNING, where)) > now)


def monday_after(now: datetime, where: ZoneInfo) -> datetime:
    """The morning of the next one by a clock there, in UTC."""
    today = now.astimezone(where).date()
    monday = today - today.weekday() * _DAY
    return next(at for weeks in range(3) if (at := wall.first(monday + 7 * weeks * _DAY, MORNING, where)) > now)


def _paced(timing: Timing, now: datetime) -> datetime:
    match timing.pace:
        case Pace.HOURLY:
            return _next(now.astimezone(timing.where), _HOUR)
        case Pace.DAILY:
            return morning_after(now, timing.where)
        case Pace.AT_ONCE:
            return now


def _next(now: datetime, every: timedelta) -> datetime:
    """In UTC, when a clock that shows `now` next shows a whole one."""
    past = timedelta(minutes=now.minute, seconds=now.second, microseconds=now.microsecond) % every
    return now.astimezone(UTC) + (every - past)


def _is_urgent(kind: Kind) -> bool:
    return kind is Kind.ROLLBACK_FAILED or kind.is_operators
