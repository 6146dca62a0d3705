"""What the database says of this worker: whether it still holds deployments, and whether a heartbeat was seen."""

import time
from collections.abc import Callable
from datetime import timedelta
from enum import Enum

from django.db import connections

from deployments import clock, logs
from deployments.delivery import queue
from deployments.delivery.engine import leases
from deployments.ops import outages
from deployments.ops.models import Heartbeat
from deployments.ops.worker import sign_of_life
from deployments.words import in_one_line

log = logs.get(__name__)

#: The heartbeat looks every second; after this long without, the cluster is started afresh.
SILENCE_SECONDS = 45
#: Between two tries to have one begun while the queue is away.
SHORTEST_PAUSE, LONGEST_PAUSE, LOOK_EVERY = 1.0, 10.0, 0.2


def begin(stopping: Callable[[], bool]) -> None:
    """Have one begun, however long the queue is away: without it nothing moves, and starting again mends nothing."""
    pause = SHORTEST_PAUSE
    while not stopping():
        try:
            queue.start_heartbeat()
        except outages.ANY:
            raise
        except Exception as error:  # each broker raises its own kind
            log.error("the queue does not answer, so the worker waits", error=in_one_line(error), again_in=pause)
            _wait(pause, stopping)
            pause = min(2 * pause, LONGEST_PAUSE)
        else:
            return


def _wait(seconds: float, stopping: Callable[[], bool]) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and not stopping():
        sign_of_life.give()
        time.sleep(LOOK_EVERY)


def pass_on_heartbeat() -> None:
    """To whoever runs the next one; ours would go on for minutes. One that lost its token ends within a second."""
    ours = Heartbeat.objects.filter(token__startswith=f"{leases.host()}:", token__contains=f":{leases.WORKER}")
    if ours.update(token=""):
        queue.start_heartbeat()


def holds_deployments() -> bool:
    """Whether one of our processes still works on one."""
    return leases.held_by_this_worker().exists()


class Seen(Enum):
    BEATING = "beating"
    SILENT = "silent"
    #: the database does not let us in: waiting mends nothing
    REFUSED = "refused"
    #: it is away, or its tables are not there yet
    UNKNOWN = "unknown"


def look() -> Seen:
    """Whether the heartbeat, wherever it runs, was seen lately."""
    try:
        seen = Heartbeat.objects.filter(beat_at__gt=clock.now() - timedelta(seconds=SILENCE_SECONDS)).exists()
    except outages.ANY as error:
        log.error("cannot look for the heartbeat", error=str(error).strip())
        return Seen.REFUSED if outages.is_refusal(error) else Seen.UNKNOWN
    finally:
        connections.close_all()
    return Seen.BEATING if seen else Seen.SILENT
