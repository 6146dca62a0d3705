"""Sends webhooks and messages to people, in a thread of the courier: whoever deploys never waits for a receiver.

One loop has the database: it claims, and writes down what came of it. Each request is made in a thread of its own that
needs none, so a receiver that hangs takes a thread and nothing else.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import connections

from deployments import clock, logs
from deployments.delivery.engine import leases
from deployments.ops import outages, woken
from deployments.ops.worker.lines import LINES, Line, Parcel, Sent

log = logs.get(__name__)

#: Between two looks for what is due, in seconds: somebody waits for it.
LOOK_EVERY = 0.25
#: Between two looks whether it is woken, which take no question.
_BLINK = 0.03
#: Between two tries after a fault.
PAUSE = 1.0
#: Of each line.
MOST_AT_ONCE = 32
PURGE_EVERY = 3600.0
#: Until it is done.
PREPARE_EVERY = 10.0
#: After it was asked to end, so long it waits for answers to write down; what stays out is sent again.
LAST_WAIT = 3.0


def run(over: Callable[[], bool], lines: Sequence[Line] = LINES) -> None:
    """Until `over` says so; the database may be away meanwhile."""
    teller = Teller(leases.token(), clock.now, lines)
    while not over():
        if not _turned(teller):
            time.sleep(PAUSE)
    with outages.survived("telling"):
        teller.end(LAST_WAIT)
    connections.close_all()


def _turned(teller: "Teller") -> bool:
    """Whether it could; a fault of ours is a line in the log each time, and keeps nothing else of the courier busy."""
    try:
        with outages.survived("telling"):
            return teller.turn(LOOK_EVERY)
    except Exception:
        log.exception("nothing is told")
        connections.close_all()
    return False


class Teller:
    """`holder` names it on the rows that it claims."""

    def __init__(self, holder: str, now: Callable[[], datetime], lines: Sequence[Line] = LINES) -> None:
        self._holder, self._now, self._lines = holder, now, lines
        #: of each line, where each row that is out goes
        self._out: dict[str, dict[int, int]] = {line.name: {} for line in lines}
        self._back: queue.SimpleQueue[tuple[Line, Sent]] = queue.SimpleQueue()
        self._next_purge = self._next_preparing = 0.0
        self._unprepared = list(lines)

    def turn(self, longest: float) -> bool:
        """Send what is due, and take back answers: for so many seconds, until there is room for another, or woken."""
        self._purge()
        self._prepare()
        self._begin()
        ends = time.monotonic() + longest
        while (left := ends - time.monotonic()) > 0 and not woken.taken():
            back = self._next_back(min(left, _BLINK))
            if back and not self._go_on(*back):
                break
        return True

    def end(self, longest: float) -> None:
        """Begin nothing more, and write down what comes back by then."""
        ends = time.monotonic() + longest
        while any(self._out.values()) and (left := ends - time.monotonic()) > 0:
            if back := self._next_back(left):
                line, sent = back
                line.record(sent, self._holder, self._now())

    def _begin(self) -> None:
        for line in self._lines:
            self._send(line, self._claim(line))

    def _claim(self, line: Line) -> Sequence[Parcel]:
        out = self._out[line.name]
        room = MOST_AT_ONCE - len(out)
        return line.claim(self._holder, self._now(), under_way=out.values(), most=room) if room else []

    def _send(self, line: Line, parcels: Sequence[Parcel]) -> None:
        for parcel in parcels:
            self._out[line.name][parcel.row] = parcel.goes_to
            threading.Thread(target=self._carry, args=(line, parcel), name=line.name, daemon=True).start()

    def _carry(self, line: Line, parcel: Parcel) -> None:
        try:
            sent = line.send(parcel)
        except Exception as error:  # it raises nothing; what it does all the same must not be waited for for ever
            log.error("not sent", line=line.name, row=parcel.row, error=type(error).__name__)
            sent = line.not_sent(parcel, f"Not delivered: {type(error).__name__}.")
        self._back.put((line, sent))

    def _next_back(self, seconds: float) -> tuple[Line, Sent] | None:
        try:
            line, sent = self._back.get(timeout=seconds)
        except queue.Empty:
            return None
        del self._out[line.name][sent.parcel.row]
        return line, sent

    def _go_on(self, line: Line, sent: Sent) -> bool:
        """Write down what came of it; whether the next one behind it is on its way then."""
        now = self._now()
        came_through = line.record(sent, self._holder, now)
        parcels = line.following(sent, self._holder, now) if came_through else []
        self._send(line, parcels)
        return bool(parcels)

    def _prepare(self) -> None:
        if self._unprepared and time.monotonic() >= self._next_preparing:
            self._unprepared = [line for line in self._unprepared if not line.prepare()]
            self._next_preparing = time.monotonic() + PREPARE_EVERY

    def _purge(self) -> None:
        if time.monotonic() >= self._next_purge:
            more = [line.purge(self._now()) for line in self._lines]
            self._next_purge = time.monotonic() + (0 if any(more) else PURGE_EVERY)
