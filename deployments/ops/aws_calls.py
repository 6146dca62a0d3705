"""Counts calls to AWS: in memory while they are made, in the database every few seconds.

Worker processes come and go, so what each of them counts is added to rows that all share.
"""

import os
import threading
import time
from collections import Counter

from django.db.models import F

from deployments import clock, logs
from deployments.aws import credentials_seen, observing
from deployments.ops import clock_seen, outages
from deployments.ops.alerts import credentials
from deployments.ops.models import AwsCallCount

log = logs.get(__name__)

#: A pass of the engine is often over in less; there is no need for an UPDATE each time.
FLUSH_SECONDS = 5

_counts: Counter[tuple[str, str]] = Counter()
_lock = threading.Lock()
_flushed_at = time.monotonic()


def start() -> None:
    """Count from now on; called once, when Django has started."""
    if count not in observing.observers:
        observing.observers.append(count)
        os.register_at_fork(after_in_child=_begin_anew)


def count(operation: str, outcome: str, seconds: float) -> None:
    with _lock:
        _counts[operation, outcome] += 1


def flush(*, force: bool = False) -> None:
    """Add what was counted to the database, when it is time. Never inside a transaction that may be rolled back."""
    global _flushed_at
    with _lock:
        if not (_counts or credentials_seen.is_any()) or (not force and time.monotonic() - _flushed_at < FLUSH_SECONDS):
            return
        counted = dict(_counts)
        _counts.clear()
        _flushed_at = time.monotonic()
    try:
        for (operation, outcome), number in sorted(counted.items()):
            _add(operation, outcome, number)
        clock_seen.note()
        credentials.note(clock.now())
    except outages.ANY as error:
        log.warning("calls to AWS could not be counted", error=str(error))


def _add(operation: str, outcome: str, number: int) -> None:
    rows = AwsCallCount.objects.filter(operation=operation, outcome=outcome)
    if not rows.update(count=F("count") + number):
        AwsCallCount.objects.bulk_create([AwsCallCount(operation=operation, outcome=outcome)], ignore_conflicts=True)
        rows.update(count=F("count") + number)


def _begin_anew() -> None:
    """A forked child would write its parent's counts a second time."""
    global _lock
    _lock = threading.Lock()
    _counts.clear()
