"""Events that went past a receiver: the version before ours hands them on to its own receivers alone.

While one is replaced by the other both may work for a while, and the row of the outbox is gone once the older one is
done. So whoever has handed an event on says to whom, and what was not handed on to all of today's is put back into the
outbox. Receivers that had it may get it again, as after a crash.
"""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Exists, OuterRef

from deployments.record.models import Event, HandedOn, Outbox

#: It is looked for all the time, so that this is only as long as the older one may work alone.
LOOKED_BACK: Final = timedelta(hours=1)
#: Of the log, so many of the newest events are looked at.
MOST: Final = 1_000
KEPT_FOR: Final = timedelta(days=1)


def note(event: int, now: datetime) -> None:
    """In the transaction that takes it out of the outbox."""
    HandedOn.objects.update_or_create(event_id=event, defaults={"at": now, "receivers": settings.OUTBOX_RECEIVERS})


def missed(now: datetime) -> list[int]:
    """Keys of events that somebody of today's receivers was not handed, the oldest first. One query."""
    if not settings.OUTBOX_RECEIVERS:
        return []
    newest = Event.objects.order_by("-pk").annotate(waits=Exists(Outbox.objects.filter(event=OuterRef("pk"))))
    rows = newest.values_list("pk", "at", "waits", "handed_on__receivers")[:MOST]
    lately = [(pk, had) for pk, at, waits, had in rows if at > now - LOOKED_BACK and not waits]
    return sorted(pk for pk, had in lately if not set(settings.OUTBOX_RECEIVERS) <= set(had or ()))


def put_back(now: datetime) -> int:
    """How many were missed; for several workers at once."""
    found = missed(now)
    had = dict(HandedOn.objects.filter(event__in=found).values_list("event", "receivers"))
    rows = [Outbox(event_id=pk, due_at=now, taken_by=had.get(pk, [])) for pk in found]
    Outbox.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def purge(now: datetime, *, most: int) -> int:
    """How many went, `most` at once."""
    old = list(HandedOn.objects.filter(at__lt=now - KEPT_FOR).order_by("at").values_list("pk", flat=True)[:most])
    return HandedOn.objects.filter(pk__in=old).delete()[0]
