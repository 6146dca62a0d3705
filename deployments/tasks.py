"""What the background workers run: nudges. Lost, late or repeated, one changes nothing but the delay."""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from deployments.aws.sessions import connect
from deployments.delivery import queue
from deployments.delivery.engine import leases, passes
from deployments.delivery.models import Deployment
from deployments.ops import aws_calls, draining
from deployments.ops.models import Heartbeat
from deployments.record import outbox

#: Deployments of one account and cluster in one chunk share their reads; DescribeServices takes ten names.
CHUNK = 10
#: After so long a task hands back what it has not come to: when AWS is slow to answer, ten deployments one after the
#: other would take longer than django-q2 lets a task run, and the whole worker would start afresh for it.
PASS_SECONDS = 25
#: Between two looks of the heartbeat, in seconds: until the next one is due, within these.
LONGEST_PAUSE, BUSY_PAUSE, SHORTEST_PAUSE = 1.0, 0.25, 0.1
#: A nudge that was not taken up after so long is taken for lost.
NUDGE_AGAIN = timedelta(seconds=15)


def advance(ids: list[int]) -> None:
    ends = time.monotonic() + PASS_SECONDS
    try:
        passes.advance(ids, timezone.now, connect, lambda: draining.asked() or time.monotonic() > ends)
    finally:
        aws_calls.flush()


def deliver() -> None:
    """Hand events on to the receivers that the settings name."""
    ends = time.monotonic() + PASS_SECONDS
    outbox.deliver(leases.token(), timezone.now, lambda: draining.asked() or time.monotonic() > ends)


def heartbeat() -> None:
    """Nudge what is due the moment it is, until the next heartbeat takes over or the time is up.

    On a worker that is asked to stop it ends at once: another one's takes over.
    """
    if draining.asked():
        return
    token = leases.token()
    Heartbeat.objects.update_or_create(id=1, defaults={"token": token, "beat_at": timezone.now()})
    ends = time.monotonic() + settings.HEARTBEAT_RUN_SECONDS
    nudged: dict[tuple[int, datetime], datetime] = {}
    delivery: Delivery | None = None
    while time.monotonic() < ends and not draining.asked():
        now = timezone.now()
        if not _beat(token, now):
            return
        nudged = {due: at for due, at in nudged.items() if at > now - NUDGE_AGAIN}
        late = [due for due in _due(now) if due.since not in nudged]
        for chunk in _chunks(late):
            queue.nudge(*chunk)
        nudged |= dict.fromkeys((due.since for due in late), now)
        delivery = _delivery(delivery, now)
        draining.sleep(_pause())


class Delivery(NamedTuple):
    #: the first event that waited, and since when
    first: tuple[int, datetime]
    asked_for_at: datetime


def _delivery(last: Delivery | None, now: datetime) -> Delivery | None:
    """Have events handed on when one waits that the last delivery was not for, or that one was lost."""
    if not settings.OUTBOX_RECEIVERS:
        return None
    first = outbox.waiting(now)
    if first is None or (last and last.first == first and last.asked_for_at > now - NUDGE_AGAIN):
        return last
    queue.start_delivery()
    return Delivery(first, now)


def _beat(token: str, now: datetime) -> bool:
    """Note that we looked; whether we still are the one that looks."""
    oldest = Deployment.objects.due(now).order_by("next_check_at").values_list("next_check_at", flat=True).first()
    lag = (now - oldest).total_seconds() if oldest else 0
    return Heartbeat.objects.filter(id=1, token=token).update(beat_at=now, lag_seconds=lag) == 1


def _pause() -> float:
    """Until the next one is due. A click does not wait for it: it nudges at once."""
    now = timezone.now()
    rows = Deployment.objects.unfinished().filter(next_check_at__isnull=False).order_by("next_check_at")
    soonest = rows.values_list("next_check_at", flat=True).first()
    if soonest is None:
        return LONGEST_PAUSE
    # What is worked on now is still due, and may be due again in no time.
    least = SHORTEST_PAUSE if soonest > now else BUSY_PAUSE
    return min(max((soonest - now).total_seconds(), least), LONGEST_PAUSE)


class Due(NamedTuple):
    #: with the time it was due: when that moves, it is due anew
    since: tuple[int, datetime]
    #: account and cluster
    place: tuple[str, str, str]


def _due(now: datetime) -> list[Due]:
    place = ("environment__region", "environment__role_arn", "environment__cluster")
    rows = Deployment.objects.due(now).order_by(*place, "next_check_at")
    return [
        Due((pk, at), (region, role, cluster))
        for pk, at, region, role, cluster in rows.values_list("pk", "next_check_at", *place)
        if at is not None
    ]


def _chunks(late: Iterable[Due]) -> Iterator[list[int]]:
    for _, same_place in groupby(late, key=lambda due: due.place):
        ids = [due.since[0] for due in same_place]
        for start in range(0, len(ids), CHUNK):
            yield ids[start : start + CHUNK]
