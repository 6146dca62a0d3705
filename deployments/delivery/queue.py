"""The only door to django-q2. A task is a nudge: losing or repeating one changes nothing but the delay."""

from collections.abc import Iterable

import structlog
from django.conf import settings
from django.db import transaction
from django_q.brokers import get_broker
from django_q.tasks import async_task

from deployments.words import in_one_line

log = structlog.get_logger(__name__)


def nudge(*deployment_ids: int) -> None:
    """Have a worker look at these deployments as soon as the current transaction is committed."""
    transaction.on_commit(lambda: _enqueue(deployment_ids))


def start_heartbeat() -> None:
    options = {"timeout": settings.HEARTBEAT_TIMEOUT_SECONDS, "group": "heartbeat"}
    async_task("deployments.tasks.heartbeat", q_options=options)


def ask(task: str) -> None:
    """Have a worker run this function of `deployments.tasks` once."""
    try:
        async_task(f"deployments.tasks.{task}", q_options={"group": task.replace("_", " ")})
    except Exception as error:  # each broker raises its own kind; the heartbeat finds it due again
        log.error("queue.task_lost", task=task, error=in_one_line(error))


def depth() -> int | None:
    """Tasks that wait for a worker; None when the broker does not answer."""
    try:
        return int(get_broker().queue_size())
    except Exception:  # each broker raises its own kind, and metrics are to show all the rest anyway
        return None


def _enqueue(deployment_ids: Iterable[int]) -> None:
    try:
        async_task("deployments.tasks.advance", list(deployment_ids), q_options={"group": "advance"})
    except Exception as error:  # each broker raises its own kind; the click is saved, and the heartbeat finds it due
        log.error("queue.nudge_lost", deployments=list(deployment_ids), error=in_one_line(error))
