"""What the database says of this worker: whether it still holds deployments, and whether a heartbeat was seen."""

from contextlib import suppress
from datetime import timedelta

from django.db import DatabaseError, connections
from django.utils import timezone

from deployments import logs
from deployments.delivery import queue
from deployments.delivery.engine import leases
from deployments.ops.models import Heartbeat

log = logs.get(__name__)

#: The heartbeat looks every second; after this long without, the cluster is started afresh.
SILENCE_SECONDS = 45


def pass_on_heartbeat() -> None:
    """To whoever runs the next one; ours would go on for minutes. One that lost its token ends within a second."""
    with suppress(DatabaseError):
        ours = Heartbeat.objects.filter(token__startswith=f"{leases.host()}:", token__contains=f":{leases.WORKER}")
        if ours.update(token=""):
            queue.start_heartbeat()
    connections.close_all()


def holds_deployments() -> bool:
    """Whether one of our processes still works on one. Unknown counts as yes."""
    try:
        return leases.held_by_this_worker().exists()
    except DatabaseError as error:
        log.error("cannot look for deployments in work", error=str(error))
        return True
    finally:
        connections.close_all()


def is_silent() -> bool:
    """Whether the heartbeat, wherever it runs, was not seen for too long. Unknown counts as no."""
    try:
        seen = Heartbeat.objects.filter(beat_at__gt=timezone.now() - timedelta(seconds=SILENCE_SECONDS)).exists()
    except DatabaseError as error:
        log.error("cannot look for the heartbeat", error=str(error))
        return False
    finally:
        connections.close_all()
    return not seen
