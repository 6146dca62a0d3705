"""django-q2's cluster and sentinel, changed where a killed process or a lost heartbeat would hang them for ever."""

import multiprocessing
import os
import threading
import time
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

import django_q.cluster
from django.conf import settings

from deployments import logs
from deployments.ops import draining, outages
from deployments.ops.worker import courier, sign_of_life
from deployments.ops.worker.heartbeats import SILENCE_SECONDS, Seen, holds_deployments, look, pass_on_heartbeat
from deployments.ops.worker.listener import Listener

log = logs.get(__name__)

#: How long tasks may go on after SIGTERM; Docker kills after 10 seconds.
GRACE_SECONDS = 7
#: How long a deployment may be kept after SIGTERM.
HAND_BACK_SECONDS = 0.8
LOOK_EVERY_SECONDS = 15
#: How long such a look may take; what the database says later is not waited for.
LOOK_SECONDS = 2.0
#: How long the database may refuse us before the worker ends, for whoever starts it to give it the new password.
REFUSED_SECONDS = 60
#: How long each thing that has to be told to the database or the queue may take after SIGTERM.
TELL_SECONDS = 1.0
#: The sentinel ended because one of its processes was killed.
EXIT_CHILD_KILLED = 75


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
        watch = Watch(time.monotonic())
        while not self.stopping and self.sentinel.is_alive():
            self.sentinel.join(0.2)
            self.listener.keep_running()
            sign_of_life.give()
            if watch.says_afresh(time.monotonic()):
                break
        self.end()
        if watch.refused_for(time.monotonic()) > REFUSED_SECONDS:
            raise Refused

    def end(self) -> None:
        if self.stopping:
            draining.ask()
            outages.within(TELL_SECONDS, pass_on_heartbeat, "passing the heartbeat on")
        # In a thread of its own: it would wait for ever for a sentinel that was killed while it listened.
        threading.Thread(target=self.stop_event.set, daemon=True).start()
        if self.stopping:
            self.sentinel.join(HAND_BACK_SECONDS)
            if self.sentinel.is_alive() and not self._may_hold_deployments():
                self.sentinel.join(GRACE_SECONDS - HAND_BACK_SECONDS)
        if self.sentinel.is_alive():
            self.sentinel.kill()
        self.sentinel.join()
        self.listener.end()

    def _may_hold_deployments(self) -> bool:
        return outages.within(TELL_SECONDS, holds_deployments, "looking for deployments in work") is not False


class Refused(Exception):
    """The database did not let us in for too long."""


class Watch:
    """When to start all afresh: by what is seen of the heartbeat, every now and then. `now` is monotonic."""

    def __init__(self, now: float) -> None:
        self._next_look = now + SILENCE_SECONDS
        self._refused_since: float | None = None

    def says_afresh(self, now: float) -> bool:
        if now < self._next_look:
            return False
        self._next_look = now + LOOK_EVERY_SECONDS
        # In a thread: a database that hangs keeps it for longer than we have once somebody asks us to end.
        seen = outages.within(LOOK_SECONDS, look, "looking for the heartbeat") or Seen.UNKNOWN
        if seen is not Seen.REFUSED:
            self._refused_since = None
        elif self._refused_since is None:
            self._refused_since = now
        if seen is Seen.SILENT:
            log.critical("no heartbeat, starting all afresh", seconds=SILENCE_SECONDS)
        if (refused := self.refused_for(now)) > REFUSED_SECONDS:
            log.critical("the database does not let the worker in, so it ends", seconds=round(refused))
            return True
        return seen is Seen.SILENT

    def refused_for(self, now: float) -> float:
        return 0.0 if self._refused_since is None else now - self._refused_since


class Sentinel(django_q.cluster.Sentinel):
    def spawn_monitor(self) -> Any:
        """The courier, which pushes as well. django-q2 asks for the monitor first, and anew for one that ended."""
        self._pushed = multiprocessing.Event()
        return self.spawn_process(courier.carry, self.task_queue, self.result_queue, self.event_out, self._pushed)

    def spawn_pusher(self) -> courier.Pusher:
        return courier.Pusher(self.monitor, self._pushed)

    def reincarnate(self, process: BaseProcess | courier.Pusher) -> None:
        if (process.exitcode or 0) < 0:
            log.critical("a worker process was killed, starting all afresh", signal=-(process.exitcode or 0))
            os._exit(EXIT_CHILD_KILLED)
        super().reincarnate(process)
