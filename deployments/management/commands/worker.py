"""Runs the background worker: django-q2's cluster, any process of which may be killed at any moment (`ops.worker`)."""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django_q.cluster
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django_q.models import Schedule

from deployments import clock, logs
from deployments.aws import credentials_seen
from deployments.delivery import queue
from deployments.delivery.engine import leases
from deployments.delivery.models import Deployment, EventsQueue
from deployments.ops import outages, system_checks
from deployments.ops.worker import heartbeats, sharing
from deployments.ops.worker.cluster import Cluster, Refused, Sentinel
from deployments.ops.worker.orphans import die_with_parent

log = logs.get(__name__)

#: How long telling others may take, with the database or the queue away.
HAND_OVER_SECONDS = 1.5


class Command(BaseCommand):
    help = "Run the background worker."
    requires_system_checks = (system_checks.OURS,)

    def handle(self, *args: Any, **options: Any) -> None:
        die_with_parent()
        sharing.read()
        credentials_seen.listen()
        django_q.cluster.Sentinel = Sentinel
        cluster = Cluster()
        try:
            while not cluster.stopping:
                prepare(lambda: cluster.stopping)
                if not cluster.stopping:
                    cluster.run()
            outages.within(HAND_OVER_SECONDS, hand_over, "handing over")
        except Refused:
            raise CommandError(
                "The database has not let the worker in for a minute. Give it the new password: start it again."
            ) from None
        except outages.ANY as error:
            raise CommandError(f"The database does not answer, or lacks `manage.py migrate`: {error}") from error
        log.info("worker stopped", pid=os.getpid())


def hand_over() -> None:
    """Another worker, if there is one, takes over now instead of in a minute."""
    if held := leases.hand_back_all(clock.now()):
        queue.nudge(*held)
    queue.start_heartbeat()


def prepare(stopping: Callable[[], bool]) -> None:
    """For the processes that are forked next; `stopping`: whether somebody has asked us to end meanwhile."""
    freed = len(leases.hand_back_all(clock.now())) + leases.release_dead()
    if freed:
        log.warning("freed the deployments of a worker that is gone", deployments=freed)
    free_the_rest()
    ensure_schedule()
    heartbeats.begin(stopping)
    if settings.EVENTS_QUEUE is None:
        EventsQueue.objects.all().delete()
    # Connections must not be shared with the processes that are forked next.
    connections.close_all()
    sharing.keep()


def free_the_rest() -> None:
    """Whatever else is claimed by a lease, such as events on their way out, goes on at once as well."""
    for model in apps.get_app_config("deployments").get_models():
        if model is not Deployment and any(field.name == "lease_token" for field in model._meta.local_fields):
            leases.free_dead(model._base_manager.all())


def ensure_schedule() -> None:
    """One row, whoever made others in the same moment or changed it."""
    wanted = {
        "func": "deployments.tasks.heartbeat",
        "schedule_type": Schedule.MINUTES,
        "minutes": 1,
        "repeats": -1,
        "kwargs": repr({"q_options": {"timeout": settings.HEARTBEAT_TIMEOUT_SECONDS}}),
    }
    rows = Schedule.objects.filter(name="heartbeat").order_by("pk")
    first = rows.first()
    if first is None:
        Schedule.objects.create(name="heartbeat", next_run=clock.now() + timedelta(minutes=1), **wanted)
    else:
        rows.filter(pk=first.pk).update(**wanted)
        rows.exclude(pk=first.pk).delete()
