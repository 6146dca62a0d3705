"""When each address gets what is told now, and which messages wait to be told together."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Count

from deployments.telling.notifications.audience.wanting import preference_of
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import Does, Message, MessageStatus, NotificationAddress
from deployments.telling.notifications.services.on_call import APART
from deployments.telling.notifications.timing.due import AT_ONCE, Timing, due

_HOUR = timedelta(hours=1)


def due_at(kind: Kind, addresses: Sequence[NotificationAddress], now: datetime) -> dict[int, datetime]:
    """By the addresses' keys; one query. `addresses`: with their person and that one's preference.

    Whatever is due later than `now` is held (`Message.is_held`): it comes as one message with all others of then.
    """
    told = _told_lately(addresses, now)
    return {
        each.pk: now if each.service in APART else due(kind, _timing(each), now, told=told.get(each.pk, 0))
        for each in addresses
    }


def _timing(address: NotificationAddress) -> Timing:
    return Timing.of(preference_of(address.person)) if address.person else AT_ONCE


def _told_lately(addresses: Iterable[NotificationAddress], now: datetime) -> Mapping[int, int]:
    """How many messages of the last hour went, or go, to each by themselves."""
    lately = Message.objects.filter(address__in=[each.pk for each in addresses], made_at__gt=now - _HOUR)
    alone = lately.filter(does=Does.TELL, is_held=False).exclude(status=MessageStatus.DROPPED)
    return dict(alone.order_by().values_list("address").annotate(Count("pk")))
