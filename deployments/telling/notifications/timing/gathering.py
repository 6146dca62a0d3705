"""What was held back until now goes out: as one message an address where there are several.

For several workers at once: what one has taken, by a conditional UPDATE, no other one takes.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from deployments.telling.notifications import wording
from deployments.telling.notifications.audience import seeing
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import Message, MessageStatus

#: Of one address at once. What is more follows in a message of its own.
MOST = 200


def waiting(now: datetime) -> "QuerySet[Message]":
    return Message.objects.filter(status=MessageStatus.WAITING, is_held=True, due_at__lte=now)


def gather(now: datetime) -> int:
    """How many messages go out for it."""
    addresses = list(waiting(now).order_by().values_list("address", flat=True).distinct())
    return sum(_gather(address, now) for address in addresses)


@transaction.atomic
def _gather(address: int, now: datetime) -> int:
    """As many as were due are let go, or none: another worker may be at it."""
    found = waiting(now).filter(address=address).select_related("address__person").order_by("pk")[:MOST]
    held = [each for each in found if not _is_dropped(each, now)]
    if not held:
        return 0
    mine = waiting(now).filter(pk__in=[each.pk for each in held])
    alone = len(held) == 1
    columns = {} if alone else {"status": MessageStatus.DROPPED, "said": "Told together with others."}
    if mine.update(is_held=False, **columns) != len(held):
        transaction.set_rollback(True)
        return 0
    if not alone:
        Message.objects.create(**_together(held), address_id=address, made_at=now, due_at=now)
    return 1


def _is_dropped(held: Message, now: datetime) -> bool:
    """Told together with others, it would be told to whoever is not to hear of it any more."""
    lost = seeing.lost(held)
    mine = waiting(now).filter(pk=held.pk)
    return bool(lost and mine.update(is_held=False, status=MessageStatus.DROPPED, said=f"Not sent: {lost}"))


def _together(held: Sequence[Message]) -> dict[str, object]:
    key = f"summary:{held[0].pk}-{held[-1].pk}"
    content = wording.summary([Content.of_json(each.content) for each in held])
    return {"key": key, "thread": key, "kind": Kind.SUMMARY, "content": content.as_json()}
