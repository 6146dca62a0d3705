"""django-q2's cluster and sentinel, changed where a killed process or a lost heartbeat would hang them for ever."""

import os
import threading
import time
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

import django_q.cluster
from django.conf import settings
from django_q.monitor import monitor
from django_q.pusher import pusher

from deployments import logs
from deployments.ops import draining
from deployments.ops.worker.heartbeats import SILENCE_SECONDS, holds_deployments, is_silent, pass_on_heartbeat
from deployments.ops.worker.listener import Listener

log = logs.get(__name__)

#: How long tasks may go on after SIGTERM; Docker kills after 10 seconds.
GRACE_SECONDS = 7
#: How long a deployment may be kept after SIGTERM.
HAND_BACK_SECONDS = 0.8
LOOK_EVERY_SECONDS = 15
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
