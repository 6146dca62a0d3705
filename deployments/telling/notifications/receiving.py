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


@transaction.atomic
def take(event: Event, now: datetime) -> None:
    """It may have happened long before `now`, when nobody handed it on for a while."""
    over.note(event, now)
    for told in audience.of(event, now):
        if content := wording.content_of(event, told.kind, now):
            written.write(told, content, now, event=event)
