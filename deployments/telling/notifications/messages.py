"""How long messages are kept, whatever came of them."""

from datetime import datetime, timedelta

from deployments.telling.notifications.models import Message

KEPT_FOR = timedelta(days=30)
#: Rows that are deleted at once: a statement stays short.
BATCH = 1000


def purge(now: datetime) -> int:
    """How many were too old and are gone, up to BATCH."""
    old = Message.objects.filter(made_at__lt=now - KEPT_FOR).order_by("made_at").values_list("pk", flat=True)
    return Message.objects.filter(pk__in=list(old[:BATCH])).delete()[0]
