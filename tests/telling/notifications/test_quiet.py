"""Quiet hours by somebody's own clock, also in the nights in which that is set."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from deployments.telling.notifications.timing import wall
from deployments.telling.notifications.timing.quiet import QuietHours

NEW_YORK, BERLIN, SEOUL, LORD_HOWE = (
    ZoneInfo(name) for name in ("America/New_York", "Europe/Berlin", "Asia/Seoul", "Australia/Lord_Howe")
)


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("where", "hours", "now", "over"),
    [
        (BERLIN, "22:00 07:00", "2026-03-02 20:59", None),
        (BERLIN, "22:00 07:00", "2026-03-02 21:00", "2026-03-03 06:00"),
        (BERLIN, "22:00 07:00", "2026-03-03 05:59", "2026-03-03 06:00"),
        (BERLIN, "22:00 07:00", "2026-03-03 06:00", None),
        (SEOUL, "12:00 13:00", "2026-03-02 03:30", "2026-03-02 04:00"),
        (SEOUL, "09:00 09:00", "2026-03-02 00:00", None),
        # The clock goes from 02:00 to 03:00 at 07:00 UTC: the night is an hour shorter.
        (NEW_YORK, "22:00 07:00", "2026-03-08 10:59", "2026-03-08 11:00"),
        (NEW_YORK, "22:00 02:30", "2026-03-08 06:59", "2026-03-08 07:00"),
        (NEW_YORK, "22:00 02:30", "2026-03-08 07:00", None),
        (NEW_YORK, "02:30 07:00", "2026-03-08 06:59", None),
        (NEW_YORK, "02:30 07:00", "2026-03-08 07:00", "2026-03-08 11:00"),
        # It goes back from 02:00 to 01:00 at 06:00 UTC: what it shows in that hour comes twice.
        (NEW_YORK, "22:00 07:00", "2026-11-01 11:59", "2026-11-01 12:00"),
        (NEW_YORK, "22:00 01:30", "2026-11-01 05:45", "2026-11-01 06:30"),
        (NEW_YORK, "22:00 01:30", "2026-11-01 06:29", "2026-11-01 06:30"),
        (NEW_YORK, "01:30 07:00", "2026-11-01 05:29", None),
        (NEW_YORK, "01:30 07:00", "2026-11-01 06:10", "2026-11-01 12:00"),
        # Half an hour, from 02:00 to 02:30 at 15:30 UTC of the day before.
        (LORD_HOWE, "22:00 02:15", "2026-10-03 15:29", "2026-10-03 15:30"),
        (LORD_HOWE, "22:00 02:15", "2026-10-03 15:30", None),
    ],
)
def test_somebody_is_left_alone_by_their_own_clock(where: ZoneInfo, hours: str, now: str, over: str | None) -> None:
    begin, end = (time.fromisoformat(each) for each in hours.split())
    assert QuietHours(begin, end, where).until(_utc(now)) == (over and _utc(over))


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_a_zone_that_a_host_does_not_know_is_utc(name: str) -> None:
    assert wall.zone(name) == ZoneInfo("UTC")
