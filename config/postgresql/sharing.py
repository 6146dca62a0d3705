"""A process's connections to PostgreSQL, shared by its threads, so that a server knows how many come at most.

A thread has one for the length of a page or a task. It is not closed then but laid aside for the next, and looked at
before it is used again if it lay for a while: a failover or a NAT gateway may have forgotten it.
"""

import gc
import os
import threading
import time
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg.pq import TransactionStatus

from deployments import clock

#: Waiting is slow, and an error is worse: a page that nobody waits for any more is given up by nginx.
WAIT_SECONDS = 30.0
#: What lay for less is taken as it is.
SURE_SECONDS = 1.0
#: Servers, proxies and their certificates change: nothing is kept for ever.
LONGEST_SECONDS = 600.0
#: A connection that was left by a thread that has ended is found by looking, once what refers to it is collected.
_LOOK_SECONDS = 0.1

Connection = Any


class Shared:
    def __init__(self, most: int) -> None:
        self._most = most
        self._changed = threading.Condition()
        #: when each that is open was made; one that nobody holds any more goes by itself
        self._made: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()
        self._connecting = 0
        #: who waits, in the order in which they came
        self._asking: list[object] = []
        #: those that nobody uses, with when they were given back; the last is used first
        self._idle: list[tuple[Connection, float]] = []

    def take(self, connect: Callable[[], Connection]) -> Connection:
        """Raises psycopg.OperationalError when none is free for too long, and what `connect` raises."""
        while (found := self._free()) is not None:
            connection, since = found
            if time.monotonic() - since < SURE_SECONDS or _answers(connection):
                return connection
            self._lost(connection)
        try:
            made = connect()
            with self._changed:
                self._made[made] = time.monotonic()
            return made
        finally:
            with self._changed:
                self._connecting -= 1
                self._changed.notify_all()

    def give(self, connection: Connection) -> None:
        """Lay it aside, or close it when it is of no more use."""
        if connection.broken:
            self._lost(connection)
            return
        now = time.monotonic()
        is_old = now - self._made.get(connection, 0) > LONGEST_SECONDS
        if is_old or not _is_clean(connection):
            connection.close()
        with self._changed:
            if not connection.closed:
                self._idle.append((connection, now))
            self._changed.notify_all()

    def _free(self) -> tuple[Connection, float] | None:
        """The first that is free, for who asked first; None: one may be made, which counts from now on."""
        began, collected, ticket = time.monotonic(), False, object()
        with self._changed:
            self._asking.append(ticket)
            try:
                while not (self._asking[0] is ticket and (self._idle or self._may_connect())):
                    waited = time.monotonic() - began
                    if waited >= WAIT_SECONDS:
                        raise psycopg.OperationalError(
                            f"all {self._most} connections of this process have been in use for {WAIT_SECONDS:.0f} s; "
                            "DATABASE_CONNECTIONS is how many there are"
                        )
                    if waited >= SURE_SECONDS and not collected:
                        gc.collect()
                        collected = True
                    self._changed.wait(_LOOK_SECONDS)
                if self._idle:
                    return self._idle.pop()
                self._connecting += 1
                return None
            finally:
                self._asking.remove(ticket)
                self._changed.notify_all()

    def _may_connect(self) -> bool:
        is_open = sum(not connection.closed for connection in list(self._made))
        return is_open + self._connecting < self._most

    def _lost(self, connection: Connection) -> None:
        """With all that lay aside: whatever ended this one has most likely ended them, and each would be waited for."""
        with self._changed:
            lost, self._idle = [connection, *(each for each, _ in self._idle)], []
        for each in lost:
            each.close()
        with self._changed:
            self._changed.notify_all()


_shared: dict[tuple[object, ...], Shared] = {}
_lock = threading.Lock()


def of(alias: str, settings: dict[str, Any]) -> Shared | None:
    """What this process shares of one of DATABASES; None where each thread has its own."""
    most = settings.get("CONNECTIONS")
    if not most:
        return None
    place = (os.getpid(), alias, settings["HOST"], settings["PORT"], settings["NAME"])
    with _lock:
        return _shared.setdefault(place, Shared(most))


def _answers(connection: Connection) -> bool:
    """It is asked for the time, which has to be asked for now and then anyway."""
    asked = time.monotonic()
    try:
        (at,) = connection.execute("SELECT clock_timestamp()").fetchone()
    except psycopg.Error:
        return False
    clock.set_by(at, time.monotonic() - asked)
    return True


def _is_clean(connection: Connection) -> bool:
    """Whether nothing of whoever had it is left; a transaction that was left open is undone."""
    try:
        if connection.info.transaction_status != TransactionStatus.IDLE:
            connection.rollback()
        connection.autocommit = True
    except psycopg.Error:
        return False
    return True


def _begin_anew() -> None:
    """What a forked child finds is its parent's: psycopg leaves that alone, and so do we."""
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_begin_anew)
