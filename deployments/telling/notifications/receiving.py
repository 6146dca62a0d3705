"""A receiver of the outbox: an event becomes notices and messages, and ends those that are not so any more.

All of it in one transaction, and nothing twice however often the event is told.
"""

from datetime import datetime

from django.db import transaction

from deployments import clock
from deployments.delivery.models import Gate
from deployments.record.models import Event
from deployments.telling.notifications import audience, over, wording, written


def receive(event: Event) -> None:
    take(event, clock.now())


def take(event: Event, now: datetime) -> None:
    """It may have happened long before `now`, when nobody handed it on for a while."""
    asked_at = _take(event, now)
    for gate in Gate.objects.filter(pk__in=asked_at).select_related("deployment"):
        over.catch_up(gate, now)


@transaction.atomic
def _take(event: Event, now: datetime) -> list[int]:
    """Keys of the gates at which people were asked."""
    over.note(event, now)
    asked_at = []
    for told in audience.of(event, now):
        if content := wording.content_of(event, told.kind, now):
            written.write(told, content, now, event=event)
            asked_at += [told.gate] if told.asks and told.gate else []
    return asked_at
