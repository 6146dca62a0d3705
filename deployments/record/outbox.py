"""Handing events on, to whatever the settings name in OUTBOX_RECEIVERS: at least once each, and none is lost.

A receiver is a function that takes an Event and returns once it has it for good; what it raises means that it has not.
It is called outside of any transaction, after the event's own was committed. Called again with an event that it has
seen, as after a crash, it changes nothing: `event.pk` tells them apart. Events come roughly in order; within a chain
`event.number` has the exact one. It has to be done within the time-out of a task (`Q_CLUSTER`), so it sets one itself
on whatever it waits for.

Rows are found by their time and not by a position in the log: on PostgreSQL a lower number may be committed later.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.module_loading import import_string

from deployments import leased
from deployments.backoff import backoff
from deployments.record import handed_on
from deployments.record.models import Event, Outbox

log = structlog.get_logger(__name__)

Receiver = Callable[[Event], object]

#: How many rows are looked for at once.
BATCH = 100
SHORTEST_BACKOFF, LONGEST_BACKOFF = timedelta(seconds=2), timedelta(hours=1)


def deliver(holder: str, clock: Callable[[], datetime], stop: Callable[[], bool]) -> None:
    """Hand on what is due, one event after the other, until nothing is or `stop` says so; for several readers at once.

    `holder` names this one on the rows that it claims.
    """
    while due := list(Outbox.objects.due(clock()).values_list("pk", flat=True)[:BATCH]):
        for pk in due:
            if stop():
                return
            due_now = Outbox.objects.due(now := clock()).filter(pk=pk)
            if leased.claim(due_now, holder, now, attempts=F("attempts") + 1):
                _hand_on(Outbox.objects.select_related("event").get(pk=pk), holder, clock)


def waiting(now: datetime) -> tuple[int, datetime] | None:
    """The first event that is due, and since when; None without one, or while a reader is at work.

    So a slow receiver keeps one worker process busy, and not all of them.
    """
    first = Outbox.objects.due(now).values_list("pk", "due_at").first()
    return None if first and Outbox.objects.filter(leased.held(now)).exists() else first


def _hand_on(row: Outbox, holder: str, clock: Callable[[], datetime]) -> None:
    """To each receiver that has not taken it yet; one that fails keeps none of the others from it."""
    held = Outbox.objects.filter(pk=row.pk, lease_token=holder)
    for path in settings.OUTBOX_RECEIVERS:
        if path not in row.taken_by and _takes(path, row):
            row.taken_by.append(path)
            held.update(taken_by=row.taken_by)
    if set(settings.OUTBOX_RECEIVERS) <= set(row.taken_by):
        with transaction.atomic():
            if held.delete()[0]:
                handed_on.note(row.pk, clock())
    else:
        pause = backoff(row.attempts, shortest=SHORTEST_BACKOFF, longest=LONGEST_BACKOFF)
        held.update(due_at=clock() + pause, **leased.FREE)


def _takes(path: str, row: Outbox) -> bool:
    try:
        import_string(path)(row.event)
    except Exception:  # each receiver raises its own kind; the row stays, and is tried again
        log.exception("outbox.not_taken", receiver=path, event_id=row.pk, kind=row.event.kind, attempts=row.attempts)
        return False
    return True
