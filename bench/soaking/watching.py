"""When somebody looked at each deployment, by the worker's log, and whether every gap in it is written down.

Read as the worker writes it and timed by the clock here, so that neither an outage of the database nor a step of the
worker's clock can hide a gap.
"""

import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from deployments import clock
from deployments.delivery.engine.gaps import UNWATCHED
from deployments.delivery.models import Deployment
from deployments.ops import outages

EVERY = 0.2
#: What the times that are compared may differ by: the worker's log and its rows, on a busy machine.
SLACK = timedelta(seconds=4)
#: A look asks AWS first, for seconds when AWS is slow; the gap before it is written down meanwhile.
LONGEST_LOOK = timedelta(seconds=45)
_DECISION = re.compile(r"^\S+ \[info +\] deployment\.decision .* deployment=(\d+) ")


@dataclass
class Look:
    #: when it was read: monotonic, in seconds, and by the time that Tealgate goes by
    seen: float
    at: datetime
    #: so long it was to be, before somebody had to look again
    planned: timedelta = timedelta()


@dataclass(frozen=True)
class Gap:
    deployment: int
    seconds: float
    #: when somebody looked again
    ended: datetime


class Watching:
    """`with Watching(log) as watching:` reads along until the block ends."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._ends = threading.Event()
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._read, self._plans)]
        self.looks: dict[int, list[Look]] = {}

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def first_look_after(self, moment: float) -> float | None:
        """Seconds from then, of any deployment; None when there was none."""
        after = [look.seen - moment for looks in list(self.looks.values()) for look in looks if look.seen >= moment]
        return min(after, default=None)

    def _read(self) -> None:
        with self._log.open(errors="replace") as log:
            half = ""
            while not self._ends.wait(EVERY):
                *lines, half = (half + log.read()).split("\n")
                for pk in read(lines):
                    self.looks.setdefault(pk, []).append(Look(time.monotonic(), clock.now()))

    def _plans(self) -> None:
        """Of those that wait: until when."""
        while not self._ends.wait(2 * EVERY):
            with outages.survived("reading along"):
                rows = Deployment.objects.unfinished().filter(lease_token="", watched_until__isnull=False)
                for pk, until in rows.values_list("pk", "watched_until"):
                    if until and (looks := self.looks.get(pk)):
                        looks[-1].planned = max(looks[-1].planned, until - looks[-1].at)


def read(lines: Iterable[str]) -> Iterator[int]:
    """The deployments that were looked at."""
    for line in lines:
        if found := _DECISION.match(line):
            yield int(found[1])


def gaps(deployment: int, looks: Sequence[Look]) -> Iterator[Gap]:
    """Times in which nobody looked for longer than a look may be late."""
    for before, after in zip(looks, looks[1:], strict=False):
        quiet = after.seen - before.seen - before.planned.total_seconds()
        if quiet > (UNWATCHED + SLACK).total_seconds():
            yield Gap(deployment, quiet, after.at)


def unwritten(found: Iterable[Gap], written: Mapping[int, Sequence[datetime]]) -> list[Gap]:
    """Those of which no event tells; `written`: when each deployment's events of gaps were written."""
    return [
        gap
        for gap in found
        if not any(gap.ended - LONGEST_LOOK <= at <= gap.ended + SLACK for at in written.get(gap.deployment, ()))
    ]
