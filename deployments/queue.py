"""The only door to django-q2. A task is a nudge: losing or repeating one changes nothing but the delay."""

from collections.abc import Iterable

from django.db import transaction
from django_q.tasks import async_task


def nudge(*deployment_ids: int) -> None:
    """Have a worker look at these deployments as soon as the current transaction is committed."""
    transaction.on_commit(lambda: _enqueue(deployment_ids))


def start_heartbeat() -> None:
    async_task("deployments.tasks.heartbeat", q_options={"timeout": 150, "group": "heartbeat"})


def _enqueue(deployment_ids: Iterable[int]) -> None:
    async_task("deployments.tasks.advance", list(deployment_ids), q_options={"group": "advance"})
