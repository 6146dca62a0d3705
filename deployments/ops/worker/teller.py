"""Sends webhooks, in a thread of the courier: whoever deploys never waits for a receiver.

One loop has the database: it claims, and writes down what came of it. Each request is made in a thread of its own that
needs none, so a receiver that hangs takes a thread and nothing else.
"""

import queue
import threading
import time
from collections.abc import Callable
from datetime import datetime

from django.db import connections

from deployments import clock, logs
from deployments.delivery.engine import leases
from deployments.ops import outages
from deployments.telling.webhooks import deliveries, recording, sending
from deployments.telling.webhooks.sending import Parcel, Sent

log = logs.get(__name__)

#: Between two looks for what is due, in seconds.
LOOK_EVERY = 1.0
MOST_AT_ONCE = 32
PURGE_EVERY = 3600.0
#: After it was asked to end, so long it waits for answers to write down; what stays out is sent again.
LAST_WAIT = 3.0


def run(over: Callable[[], bool]) -> None:
    """Until `over` says so; the database may be away meanwhile."""
    teller = Teller(leases.token(), clock.now)
    while not over():
        if not _turned(teller):
            time.sleep(LOOK_EVERY)
    with outages.survived("webhooks"):
        teller.end(LAST_WAIT)
    connections.close_all()


def _turned(teller: "Teller") -> bool:
    """Whether it could; a fault of ours is a line in the log each time, and keeps nothing else of the courier busy."""
    try:
        with outages.survived("webhooks"):
            return teller.turn(LOOK_EVERY)
    except Exception:
        log.exception("webhooks are not sent")
        connections.close_all()
    return False


class Teller:
    """`holder` names it on the rows that it claims."""

    def __init__(self, holder: str, now: Callable[[], datetime]) -> None:
        self._holder, self._now = holder, now
        self._out: dict[int, int] = {}
        self._back: queue.SimpleQueue[Sent] = queue.SimpleQueue()
        self._next_purge = 0.0

    def turn(self, longest: float) -> bool:
        """Send what is due, and take back answers: for so many seconds, or until there is room for another chain."""
        self._purge()
        self._send(self._claim())
        ends = time.monotonic() + longest
        while (left := ends - time.monotonic()) > 0:
            sent = self._next_back(left)
            if sent and not self._go_on(sent):
                break
        return True

    def end(self, longest: float) -> None:
        """Begin nothing more, and write down what comes back by then."""
        ends = time.monotonic() + longest
        while self._out and (left := ends - time.monotonic()) > 0:
            if sent := self._next_back(left):
                recording.record(sent, self._holder, self._now())

    def _claim(self) -> list[Parcel]:
        room = MOST_AT_ONCE - len(self._out)
        return sending.claim(self._holder, self._now(), under_way=self._out.values(), most=room) if room else []

    def _send(self, parcels: list[Parcel]) -> None:
        for parcel in parcels:
            self._out[parcel.delivery] = parcel.subscription
            threading.Thread(target=self._carry, args=(parcel,), name="webhook", daemon=True).start()

    def _carry(self, parcel: Parcel) -> None:
        try:
            sent = sending.send(parcel)
        except Exception as error:  # it raises nothing; what it does all the same must not be waited for for ever
            log.exception("webhook.not_sent", delivery=parcel.delivery)
            sent = Sent(parcel, None, f"Not delivered: {type(error).__name__}.")
        self._back.put(sent)

    def _next_back(self, seconds: float) -> Sent | None:
        try:
            sent = self._back.get(timeout=seconds)
        except queue.Empty:
            return None
        del self._out[sent.parcel.delivery]
        return sent

    def _go_on(self, sent: Sent) -> bool:
        """Write down what came of it; whether the next one of its chain is on its way then."""
        now = self._now()
        came_through = recording.record(sent, self._holder, now)
        parcels = sending.following(sent, self._holder, now) if came_through else []
        self._send(parcels)
        return bool(parcels)

    def _purge(self) -> None:
        if time.monotonic() >= self._next_purge:
            more = deliveries.purge(self._now()) == deliveries.BATCH
            self._next_purge = time.monotonic() + (0 if more else PURGE_EVERY)
