"""When each is told: at once, with others of an hour or a day, or when quiet hours are over."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import NotificationPreference, Pace
from deployments.telling.notifications.timing.due import AT_ONCE, MOST_AN_HOUR, Timing, due, monday_after

NEW_YORK, KOLKATA = ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")
NIGHT = NotificationPreference(zone="America/New_York", quiet_from=time(22), quiet_until=time(7))
WAKEABLE = NotificationPreference(zone="America/New_York", quiet_from=time(22), quiet_until=time(7), wakes=True)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "timing", "now", "at"),
    [
        (Kind.LIVE, AT_ONCE, "2026-03-02 12:10:07", "2026-03-02 12:10:07"),
        (Kind.LIVE, Timing(where=NEW_YORK, pace=Pace.HOURLY), "2026-03-02 12:10:07", "2026-03-02 13:00"),
        (Kind.LIVE, Timing(where=KOLKATA, pace=Pace.HOURLY), "2026-03-02 12:10:07", "2026-03-02 12:30"),
        (Kind.LIVE, Timing(where=NEW_YORK, pace=Pace.DAILY), "2026-03-02 12:10", "2026-03-02 13:00"),
        (Kind.LIVE, Timing(where=NEW_YORK, pace=Pace.DAILY), "2026-03-02 13:00", "2026-03-03 13:00"),
        # The day on which clocks are set forward has 23 hours.
        (Kind.LIVE, Timing(where=NEW_YORK, pace=Pace.DAILY), "2026-03-07 13:00", "2026-03-08 12:00"),
        (Kind.GATE_WAITS, Timing(where=NEW_YORK, pace=Pace.DAILY), "2026-03-02 12:10", "2026-03-02 12:10"),
        (Kind.GATE_WAITS, Timing.of(NIGHT), "2026-03-02 05:00", "2026-03-02 12:00"),
        (Kind.ROLLBACK_FAILED, Timing.of(NIGHT), "2026-03-02 05:00", "2026-03-02 12:00"),
        (Kind.ROLLBACK_FAILED, Timing.of(WAKEABLE), "2026-03-02 05:00", "2026-03-02 05:00"),
        (Kind.CERTIFICATE_ENDS, Timing.of(WAKEABLE), "2026-03-02 05:00", "2026-03-02 05:00"),
        (Kind.GATE_WAITS, Timing.of(WAKEABLE), "2026-03-02 05:00", "2026-03-02 12:00"),
        (Kind.TEST, Timing.of(NIGHT), "2026-03-02 05:00", "2026-03-02 05:00"),
        (Kind.LIVE, Timing.of(None), "2026-03-02 05:00", "2026-03-02 05:00"),
    ],
)
def test_somebody_is_told_when_they_said(kind: Kind, timing: Timing, now: str, at: str) -> None:
    assert due(kind, timing, _utc(now)) == _utc(at)


@pytest.mark.parametrize(
    ("kind", "told", "at"),
    [
        (Kind.TURNED_BACK, MOST_AN_HOUR - 1, "2026-03-02 12:10"),
        (Kind.TURNED_BACK, MOST_AN_HOUR, "2026-03-02 12:15"),
        (Kind.GATE_WAITS, MOST_AN_HOUR, "2026-03-02 12:10"),
        (Kind.ROLLBACK_FAILED, MOST_AN_HOUR * 9, "2026-03-02 12:10"),
    ],
)
def test_a_bad_hour_is_told_together_but_for_what_cannot_wait(kind: Kind, told: int, at: str) -> None:
    assert due(kind, AT_ONCE, _utc("2026-03-02 12:10"), told=told) == _utc(at)


@pytest.mark.parametrize(
    ("now", "at"),
    [
        ("2026-03-02 12:59", "2026-03-02 13:00"),  # a Monday
        ("2026-03-02 13:00", "2026-03-09 12:00"),  # over the change
        ("2026-03-09 03:59", "2026-03-09 12:00"),  # still Sunday there
    ],
)
def test_the_weekly_letter_is_due_on_monday_morning(now: str, at: str) -> None:
    assert monday_after(_utc(now), NEW_YORK) == _utc(at)
