"""People and workers who act in the same moment, each in a thread with a connection of its own, or die in one."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call answered or raised, in order."""
    start = Barrier(len(calls), timeout=60)

    def run(call: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return call()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def killed_by(call: Callable[[], object]) -> int:
    """The signal that ended a process which did this; 0 when it ended by itself."""
    connections.close_all()  # two processes cannot use one
    child = os.fork()
    if not child:
        try:
            call()
        finally:
            os._exit(1)
    return os.WTERMSIG(os.waitpid(child, 0)[1])
