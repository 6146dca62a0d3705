"""Who waits for a deployment to change: one question to the database for all of them, several times a second.

Somebody who waits holds a thread of the web process that has stepped aside: pages are answered by others. Only some
may, since a thread costs memory: the others are answered at once and ask again. No connection to the database is held
meanwhile, and in a process that is about to end nobody waits.
"""

import hashlib
import json
import threading
import time
from collections.abc import Collection, Iterable

from django.conf import settings
from django.db import Error, connection
from django.db.models import OuterRef, QuerySet, Subquery

from deployments.delivery.models import Deployment, Gate
from deployments.ops import threads

#: Between two questions, in seconds.
EVERY = 0.05


def state(pk: int) -> str:
    """What `until_changed` looks at, in a word; "" without such a deployment."""
    return _told_apart(Deployment.objects.filter(pk=pk)).get(pk, "")  # where a column cannot hold it, there is none


def state_of(deployment: Deployment, gate: tuple[int, str] | None) -> str:
    """The same of a row that was read already, and of its newest gate."""
    row = deployment
    return _word(row.status, row.position, row.stage, row.attempt, *(gate or (None, None)))


def until_changed(pk: int, seen: str | None, seconds: float) -> float | None:
    """Waits until the state is not `seen` any more (without it, as it is now), or that long; when that was noticed.

    By the clock that never jumps. None when too many wait in this process.
    """
    now = state(pk)
    if not now or (seen is not None and now != seen):
        return time.monotonic()
    if not _slots.acquire(blocking=False):
        return None
    try:
        return _LOOKING.wait(pk, now, seconds)
    finally:
        _slots.release()


def _states(pks: Collection[int]) -> dict[int, str]:
    return _told_apart(Deployment.objects.filter(pk__in=pks))


def _told_apart(deployments: QuerySet[Deployment]) -> dict[int, str]:
    gates = Gate.objects.filter(deployment=OuterRef("pk")).order_by("-pk")
    rows = deployments.annotate(
        gate_id=Subquery(gates.values("pk")[:1]), gate_status=Subquery(gates.values("status")[:1])
    )
    columns = ("pk", "status", "position", "stage", "attempt", "gate_id", "gate_status")
    return {row[0]: _word(*row[1:]) for row in rows.values_list(*columns)}


def _word(*seen: str | int | None) -> str:
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:20]


class _Looking:
    """One thread of this process, for as long as anybody waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[threading.Event, tuple[int, str]] = {}
        self._looks = False
        #: when somebody was last told
        self._told = 0.0

    def wait(self, pk: int, seen: str, seconds: float) -> float:
        changed = threading.Event()
        with self._lock:
            self._waiting[changed] = (pk, seen)
            if not self._looks:
                threading.Thread(target=self._look, name="waiting", daemon=True).start()
                self._looks = True
        if not connection.in_atomic_block:  # which only a test's is
            connection.close()
        with threads.aside():
            was_told = changed.wait(seconds)
        with self._lock:
            self._waiting.pop(changed, None)
            return self._told if was_told else time.monotonic()

    def _look(self) -> None:
        try:
            while waiting := self._all():
                self._tell(waiting)
                connection.close_if_unusable_or_obsolete()
                time.sleep(EVERY)
        finally:
            connection.close()

    def _all(self) -> dict[threading.Event, tuple[int, str]]:
        with self._lock:
            self._looks = bool(self._waiting)
            return dict(self._waiting)

    def _tell(self, waiting: dict[threading.Event, tuple[int, str]]) -> None:
        if threads.ending():
            self._say(waiting)
            return
        try:
            found = _states({pk for pk, _ in waiting.values()})
        except Error:  # the database is away: they ask again when their time is over
            connection.close()
            return
        self._say(changed for changed, (pk, seen) in waiting.items() if found.get(pk, "") != seen)

    def _say(self, told: Iterable[threading.Event]) -> None:
        # What is read from now on has what was found.
        with self._lock:
            self._told = time.monotonic()
        for changed in told:
            changed.set()


_LOOKING = _Looking()
_slots = threading.BoundedSemaphore(settings.API_WAITING)
