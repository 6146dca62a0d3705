"""When a gate is said to wait still."""

from datetime import UTC, datetime, timedelta

import pytest

from deployments.telling.notifications.timing.reminders import Policy, due

OPENED = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("open_for", "after", "before", "told", "minute", "which"),
    [
        (1440, 60, 15, "", 59, None),
        (1440, 60, 15, "", 60, "AFTER"),
        (1440, 60, 15, "AFTER=60", 700, None),
        (1440, 60, 15, "AFTER=60", 1425, "BEFORE"),
        (1440, 60, 15, "AFTER=60 BEFORE=1425", 1430, None),
        # nobody looked at its time: one that tells both
        (1440, 60, 15, "", 1430, "BEFORE"),
        (1440, 60, 15, "BEFORE=1429", 1430, None),
        # the gate was given more time since the last one
        (1440, 60, 15, "BEFORE=45", 100, None),
        (1440, 60, 15, "BEFORE=45", 1424, None),
        (1440, 60, 15, "BEFORE=45", 1425, "BEFORE"),
        (1440, 60, 15, "BEFORE=1422", 1426, None),
        (1440, 60, 15, "", 1440, None),
        (1440, None, 15, "", 1000, None),
        (1440, 60, None, "AFTER=60", 1439, None),
        # open for less than the policy thinks of
        (60, 60, 15, "", 44, None),
        (60, 60, 15, "", 45, "BEFORE"),
        (20, 60, 15, "", 14, None),
        (20, 60, 15, "", 15, "BEFORE"),
        (5, 60, 15, "", 4, None),
        (20, 12, 15, "", 12, None),
    ],
)
def test_a_gate_says_that_it_still_waits(
    open_for: int, after: int | None, before: int | None, told: str, minute: int, which: str | None
) -> None:
    policy = Policy(
        after=None if after is None else timedelta(minutes=after),
        before=None if before is None else timedelta(minutes=before),
    )
    expires, now = OPENED + timedelta(minutes=open_for), OPENED + timedelta(minutes=minute)
    sent = (each.split("=") for each in told.split())
    earlier = {name: OPENED + timedelta(minutes=int(at)) for name, at in sent}
    assert due(OPENED, expires, policy, earlier, now) == which
