"""A receiver of the outbox: an event becomes notices and messages, and ends those that are not so any more.

All of it in one transaction, and nothing twice however often the event is told.
"""

from datetime import datetime

from django.db import transaction

from deployments import clock
from deployments.record.models import Event
from deployments.telling.notifications import audience, over, wording, written


def receive(event: Event) -> None:
    take(event, clock.now())


def take(event: Event, now: datetime) -> None:
    """It may have happened long before `now`, when nobody handed it on for a while."""
    if _take(event, now):
        over.catch_up(Event.objects.filter(chain=event.chain_id, number__gt=event.number), now)


@transaction.atomic
def _take(event: Event, now: datetime) -> bool:
    """Whether somebody is told of it."""
    over.note(event, now)
    is_told = False
    for told in audience.of(event, now):
        if content := wording.content_of(event, told.kind, now):
            written.write(told, content, now, event=event)
            is_told = True
    return is_told
