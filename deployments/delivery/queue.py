"""The only door to django-q2. A task is a nudge: losing or repeating one changes nothing but the delay."""

from collections.abc import Iterable

import structlog
from django.conf import settings
from django.db import transaction
from django_q.brokers import get_broker
from django_q.tasks import async_task

log = structlog.get_logger(__name__)


def nudge(*deployment_ids: int) -> None:
    """Have a worker look at these deployments as soon as the current transaction is committed."""
    transaction.on_commit(lambda: _enqueue(deployment_ids))


def start_heartbeat() -> None:
    options = {"timeout": settings.HEARTBEAT_TIMEOUT_SECONDS, "group": "heartbeat"}
    async_task("deployments.tasks.heartbeat", q_options=options)


def start_delivery() -> None:
    """Have a worker hand events on to their receivers."""
    try:
        async_task("deployments.tasks.deliver", q_options={"group": "deliver"})
    except Exception:  # each broker raises its own kind; the rows are there, and the heartbeat finds them again
        log.exception("queue.delivery_lost")


def start_looking_around() -> None:
    """Have a worker look at environments that nobody deploys to."""
    try:
        async_task("deployments.tasks.look_around", q_options={"group": "look around"})
    except Exception:  # each broker raises its own kind; it is due still, and the heartbeat finds it again
        log.exception("queue.look_lost")


def depth() -> int | None:
    """Tasks that wait for a worker; None when the broker does not answer."""
    try:
        return int(get_broker().queue_size())
    except Exception:  # each broker raises its own kind, and metrics are to show all the rest anyway
        return None


def _enqueue(deployment_ids: Iterable[int]) -> None:
    try:
        async_task("deployments.tasks.advance", list(deployment_ids), q_options={"group": "advance"})
    except Exception:  # each broker raises its own kind; the click is saved, and the heartbeat finds it due
        log.exception("queue.nudge_lost", deployments=list(deployment_ids))
