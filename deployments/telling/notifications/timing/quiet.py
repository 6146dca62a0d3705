"""Hours in which somebody is told nothing, by their own clock."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from deployments.telling.notifications.timing import wall

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class QuietHours:
    """Over midnight where they end before they begin; none where they end as they begin.

    In the night in which clocks are set back they are one stretch, though the hour in it comes twice.
    """

    begin: time
    end: time
    where: ZoneInfo

    def until(self, now: datetime) -> datetime | None:
        """When they are over, in UTC; None when they are not on."""
        today = now.astimezone(self.where).date()
        for day in (today - _DAY, today):
            ends_on = day + _DAY if self.end < self.begin else day
            over = wall.last(ends_on, self.end, self.where)
            if self.begin != self.end and wall.first(day, self.begin, self.where) <= now < over:
                return over
        return None
