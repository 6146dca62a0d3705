"""One process between the queue and those that run its tasks: django-q2's pusher, and in threads its monitor and who
sends webhooks.

Each a process of its own, as django-q2 has them, they take twenty MiB more for no more work. Nothing is forked from
here, so a thread does no harm. Neither ends the other: whoever waits at a queue of the processes holds its lock.
"""

import threading
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from typing import Any

from django.db import connections
from django_q import monitor, pusher

from deployments import logs
from deployments.ops.worker import teller

log = logs.get(__name__)


def carry(
    tasks: "Queue[Any]", results: "Queue[Any]", ends: Event, pushed: Event, tell: Callable[[], None] | None = None
) -> None:
    """Tasks to the processes until `ends`, then `pushed`; what came of them back until they say STOP.

    `tell` sends webhooks meanwhile. Each of them makes connections of its own: a broker may hold one to SQS, on which
    two would read each other's answers.
    """
    back = threading.Thread(target=_again, args=(lambda: monitor.monitor(results), lambda: True), name="results")
    back.start()
    telling = threading.Thread(
        target=_again, args=(tell or (lambda: teller.run(ends.is_set)), ends.is_set), name="webhooks"
    )
    telling.start()
    _again(lambda: pusher.pusher(tasks, ends), ends.is_set)
    pushed.set()
    back.join()
    telling.join()


def _again(work: Callable[[], None], is_over: Callable[[], bool]) -> None:
    """Until it ends well: with new connections, for the database or the queue has left it."""
    while True:
        try:
            work()
            if is_over():
                return
        except Exception:
            log.exception("begins again")
        connections.close_all()


class Pusher:
    """A part of the courier, as django-q2's sentinel asks for it."""

    def __init__(self, courier: BaseProcess, pushed: Event) -> None:
        self._courier, self._pushed = courier, pushed
        self.name, self.pid = courier.name, courier.pid

    @property
    def exitcode(self) -> int | None:
        return self._courier.exitcode

    def is_alive(self) -> bool:
        return self._courier.is_alive() and not self._pushed.is_set()
