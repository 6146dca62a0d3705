"""The threads that answer requests: so many work at once, and whoever only waits is not one of them.

A pool of a fixed size would be full of clients that wait for a deployment to change, and pages would stand behind them.
Here a thread steps aside while it waits, another one is there in its place, and it has a turn again before it goes on.
Threads are made when they are needed, and end when there are more than that again.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import connections

_here = threading.local()
#: asked whether this process is about to end
_asked: list[Callable[[], bool]] = []


@contextmanager
def aside() -> Iterator[None]:
    """While this thread waits and needs nothing that is shared; whoever calls gives its connections back before.

    Nothing but the wait itself where threads are somebody else's, as in tests and under `runserver`.
    """
    pool: Threads | None = getattr(_here, "pool", None)
    if pool is None:
        yield
        return
    pool.step_aside()
    try:
        yield
    finally:
        pool.step_back()


def ends_when(ending: Callable[[], bool]) -> None:
    """Name what `ending` asks, in this process."""
    _asked[:] = [ending]


def ending() -> bool:
    """Whether this process is about to end, so that nobody should wait in it any more."""
    return any(ask() for ask in _asked)


class Threads:
    """As gunicorn uses ThreadPoolExecutor."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        #: of idle threads, and of those that want to step back
        self._asked, self._freed = threading.Condition(self._lock), threading.Condition(self._lock)
        self._work: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        #: how many there are, do nothing, work, and have stepped aside
        self._all = self._idle = self._busy = self._aside = 0
        self._closed = False

    @property
    def count(self) -> int:
        return self._all

    def submit(self, call: Callable[..., Any], *given: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("No more work is taken on.")
            self._work.append((future, partial(call, *given)))
            self._have_it_done()
        return future

    def shutdown(self, wait: bool = False) -> None:
        """What was submitted is still done, unless the process ends before: nobody waits for these threads."""
        with self._lock:
            self._closed = True
            self._asked.notify_all()

    def step_aside(self) -> None:
        with self._lock:
            self._busy -= 1
            self._aside += 1
            self._freed.notify()
            self._have_it_done()

    def step_back(self) -> None:
        with self._lock:
            while self._busy >= self._most:
                self._freed.wait()
            self._busy += 1
            self._aside -= 1

    def _have_it_done(self) -> None:
        if len(self._work) <= self._idle or self._all >= self._most + self._aside or not self._one_more():
            self._asked.notify()

    def _one_more(self) -> bool:
        """Raises RuntimeError where the system has none to give, and there is no other that will come to it."""
        try:
            threading.Thread(target=self._run, name="request", daemon=True).start()
        except RuntimeError:
            if not self._all:
                raise
            return False
        self._all += 1
        return True

    def _run(self) -> None:
        _here.pool = self
        try:
            while (task := self._next()) is not None:
                self._do(*task)
        finally:
            connections.close_all()

    def _next(self) -> tuple[Future[Any], Callable[[], Any]] | None:
        with self._lock:
            while not self._work or self._busy >= self._most:
                if not self._work and (self._closed or self._all > self._most + self._aside):
                    self._all -= 1
                    return None
                self._idle += 1
                self._asked.wait()
                self._idle -= 1
            self._busy += 1
            return self._work.popleft()

    def _do(self, future: "Future[Any]", call: Callable[[], Any]) -> None:
        try:
            if future.set_running_or_notify_cancel():
                future.set_result(call())
        except BaseException as error:  # for whoever asks for the result, as an executor does
            future.set_exception(error)
        finally:
            with self._lock:
                self._busy -= 1
                self._freed.notify()
                self._asked.notify()
