"""What the database says of this worker: whether it still holds deployments, and whether a heartbeat was seen."""

from datetime import timedelta
from enum import Enum

from django.db import connections
from django.utils import timezone

from deployments import logs
from deployments.delivery import queue
from deployments.delivery.engine import leases
from deployments.ops import outages
from deployments.ops.models import Heartbeat

log = logs.get(__name__)

#: The heartbeat looks every second; after this long without, the cluster is started afresh.
SILENCE_SECONDS = 45


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
        seen = Heartbeat.objects.filter(beat_at__gt=timezone.now() - timedelta(seconds=SILENCE_SECONDS)).exists()
    except outages.ANY as error:
        log.error("cannot look for the heartbeat", error=str(error).strip())
        return Seen.REFUSED if outages.is_refusal(error) else Seen.UNKNOWN
    finally:
        connections.close_all()
    return Seen.BEATING if seen else Seen.SILENT
