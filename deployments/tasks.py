"""What the background workers run: nudges. Lost, late or repeated, one changes nothing but the delay."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from deployments import queue
from deployments.aws.sessions import connect
from deployments.engine import leases, passes
from deployments.models import Deployment, Heartbeat
from deployments.observability import calls

#: Deployments of one account and cluster in one chunk share their reads; DescribeServices takes ten names.
CHUNK = 5
#: A nudge that was not taken up after so long is taken for lost.
NUDGE_AGAIN = timedelta(seconds=15)


def advance(ids: list[int]) -> None:
    try:
        passes.advance(ids, timezone.now, connect)
    finally:
        calls.flush()


def heartbeat() -> None:
    """Every second, nudge what is due, until the next heartbeat takes over or the time is up."""
    token = leases.token()
    Heartbeat.objects.update_or_create(id=1, defaults={"token": token, "beat_at": timezone.now()})
    ends = time.monotonic() + settings.HEARTBEAT_RUN_SECONDS
    nudged: dict[tuple[int, datetime], datetime] = {}
    while time.monotonic() < ends:
        now = timezone.now()
        if not _beat(token, now):
            return
        nudged = {due: at for due, at in nudged.items() if at > now - NUDGE_AGAIN}
        late = [due for due in _due(now) if due not in nudged]
        for start in range(0, len(late), CHUNK):
            queue.nudge(*(pk for pk, _ in late[start : start + CHUNK]))
        nudged |= dict.fromkeys(late, now)
        time.sleep(1)


def _beat(token: str, now: datetime) -> bool:
    """Note that we looked; whether we still are the one that looks."""
    oldest = Deployment.objects.due(now).order_by("next_check_at").values_list("next_check_at", flat=True).first()
    lag = (now - oldest).total_seconds() if oldest else 0
    return Heartbeat.objects.filter(id=1, token=token).update(beat_at=now, lag_seconds=lag) == 1


def _due(now: datetime) -> list[tuple[int, datetime]]:
    """With the time it was due: when that moves, it is due anew."""
    rows = Deployment.objects.due(now).order_by(
        "environment__region", "environment__role_arn", "environment__cluster", "next_check_at"
    )
    return [(pk, at) for pk, at in rows.values_list("pk", "next_check_at") if at is not None]
