"""Runs django-q2's cluster so that any of its processes may be killed at any moment.

1. What a killed worker of this host held is freed: leases whose process is gone are released, so that its
   deployments go on at once instead of when the lease ends.
2. The heartbeat's schedule is made sure of, and one heartbeat is enqueued right away, since django-q2 looks
   at schedules only every 30 seconds.
3. The cluster runs: a sentinel that guards a pusher (broker to workers), the workers and a monitor. Each of
   them asks the kernel to be killed when its parent dies (Linux only), so `kill -9` leaves no orphans.
4. A worker that was killed may have held the lock of the queue that all workers read, and the others would
   wait for ever. So the sentinel does not replace it but ends, its children with it, and a new one is
   started. The same happens when no heartbeat was seen for a while, whatever the cause.
5. Where there is a queue of AWS's events, one more process reads it; it is started again when it ends.
6. On SIGTERM and SIGINT deployments are handed back after their current step and the heartbeat ends, so that another
   worker goes on within 2 seconds. Whoever still holds one when that time is nearly over is killed, which is as
   safe; other tasks may finish for a few seconds.

Tasks that a killed worker had taken from the database's queue are delivered again only after django-q2's
`retry` (300 s). That does not matter: a task is a nudge, and the heartbeat nudges every second.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta
from multiprocessing import Process
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

import django_q.cluster
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections
from django.utils import timezone
from django_q.models import Schedule
from django_q.monitor import monitor
from django_q.pusher import pusher

from deployments import logs
from deployments.aws import sessions
from deployments.delivery import queue
from deployments.delivery.engine import leases
from deployments.delivery.models import EventsQueue
from deployments.ops import draining, events_listener
from deployments.ops.models import Heartbeat

log = logs.get(__name__)

#: How long tasks may go on after SIGTERM; Docker kills after 10 seconds.
GRACE_SECONDS = 7
#: How long a deployment may be kept after SIGTERM.
HAND_BACK_SECONDS = 0.8
#: The heartbeat looks every second; after this long without, the cluster is started afresh.
SILENCE_SECONDS = 45
LOOK_EVERY_SECONDS = 15
#: A listener that ends is not started again sooner.
LISTENER_PAUSE_SECONDS = 5
#: The sentinel ended because one of its processes was killed.
EXIT_CHILD_KILLED = 75
_PR_SET_PDEATHSIG = 1


class Command(BaseCommand):
    help = "Run the background worker."

    def handle(self, *args: Any, **options: Any) -> None:
        die_with_parent()
        sessions.read_models()
        django_q.cluster.Sentinel = Sentinel
        cluster = Cluster()
        try:
            while not cluster.stopping:
                prepare()
                cluster.run()
            # Another worker, if there is one, takes over now instead of in a minute.
            if held := leases.hand_back_all(timezone.now()):
                queue.nudge(*held)
            queue.start_heartbeat()
        except DatabaseError as error:
            raise CommandError(f"The database does not answer, or lacks `manage.py migrate`: {error}") from error
        log.info("worker stopped", pid=os.getpid())


def prepare() -> None:
    freed = len(leases.hand_back_all(timezone.now())) + leases.release_dead()
    if freed:
        log.warning("freed the deployments of a worker that is gone", deployments=freed)
    ensure_schedule()
    queue.start_heartbeat()
    if settings.EVENTS_QUEUE is None:
        EventsQueue.objects.all().delete()
    # Connections must not be shared with the processes that are forked next.
    connections.close_all()


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
        Schedule.objects.create(name="heartbeat", next_run=timezone.now() + timedelta(minutes=1), **wanted)
    else:
        rows.filter(pk=first.pk).update(**wanted)
        rows.exclude(pk=first.pk).delete()


class Cluster(django_q.cluster.Cluster):
    """Its signals only raise a flag; the loop below does the rest outside of the signal's handler."""

    stopping = False

    def __init__(self) -> None:
        super().__init__()
        self.listener = Listener()

    def sig_handler(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True

    def run(self) -> None:
        """Until somebody asks to stop, or until the sentinel is gone or stuck."""
        self.listener.keep_running()
        self.start()
        log.info("worker runs", pid=os.getpid(), workers=settings.Q_CLUSTER["workers"])
        next_look = time.monotonic() + SILENCE_SECONDS
        while not self.stopping and self.sentinel.is_alive():
            self.sentinel.join(0.2)
            self.listener.keep_running()
            if time.monotonic() > next_look:
                next_look += LOOK_EVERY_SECONDS
                if is_silent():
                    log.critical("no heartbeat, starting all afresh", seconds=SILENCE_SECONDS)
                    break
        self.end()

    def end(self) -> None:
        if self.stopping:
            draining.ask()
            pass_on_heartbeat()
        # In a thread of its own: it would wait for ever for a sentinel that was killed while it listened.
        threading.Thread(target=self.stop_event.set, daemon=True).start()
        if self.stopping:
            self.sentinel.join(HAND_BACK_SECONDS)
            if self.sentinel.is_alive() and not holds_deployments():
                self.sentinel.join(GRACE_SECONDS - HAND_BACK_SECONDS)
        if self.sentinel.is_alive():
            self.sentinel.kill()
        self.sentinel.join()
        self.listener.end()


class Listener:
    """The process that reads the queue of AWS's events; where there is no such queue, none."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._next_start = 0.0

    def keep_running(self) -> None:
        if settings.EVENTS_QUEUE is None or time.monotonic() < self._next_start:
            return
        if self._process and self._process.is_alive():
            return
        if self._process:
            log.error("the listener ended and is started again", exitcode=self._process.exitcode)
        self._next_start = time.monotonic() + LISTENER_PAUSE_SECONDS
        connections.close_all()
        self._process = Process(target=events_listener.run, args=settings.EVENTS_QUEUE, name="listener", daemon=True)
        self._process.start()

    def end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.join()
            self._process = None


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


class Sentinel(django_q.cluster.Sentinel):
    # Each makes a broker of its own. Ours may hold a connection to SQS, on which two would read each other's answers.

    def spawn_pusher(self) -> Any:
        return self.spawn_process(pusher, self.task_queue, self.event_out)

    def spawn_monitor(self) -> Any:
        return self.spawn_process(monitor, self.result_queue)

    def reincarnate(self, process: BaseProcess) -> None:
        if (process.exitcode or 0) < 0:
            log.critical("a worker process was killed, starting all afresh", signal=-(process.exitcode or 0))
            os._exit(EXIT_CHILD_KILLED)
        super().reincarnate(process)


def die_with_parent() -> None:
    """From now on every forked child is killed by the kernel when its parent is gone."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def remember() -> None:
        nonlocal parent
        parent = os.getpid()

    def tie() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel knew
            os._exit(1)

    os.register_at_fork(before=remember, after_in_child=tie)
