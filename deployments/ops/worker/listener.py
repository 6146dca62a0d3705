"""The process that reads the queue of AWS's events, kept running beside the cluster."""

import time
from multiprocessing import Process

from django.conf import settings
from django.db import connections

from deployments import logs
from deployments.ops import events_listener

log = logs.get(__name__)

#: A listener that ends is not started again sooner.
LISTENER_PAUSE_SECONDS = 5


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
