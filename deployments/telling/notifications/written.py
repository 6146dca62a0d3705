"""What is told, as rows: a notice for each person, and a message for each address of theirs and of the channels.

In the transaction of whoever tells it; told again by the same key it changes nothing. As many queries for a hundred
people as for one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from deployments.record.models import Event
from deployments.telling.notifications import plain, wording
from deployments.telling.notifications.audience.told import Told
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.models import Message, Notice, NotificationAddress
from deployments.telling.notifications.models.notice import LONGEST_SUBJECT
from deployments.telling.notifications.services import on_call
from deployments.telling.notifications.timing import holding


def write(told: Told, content: Content, now: datetime, *, event: Event | None = None) -> None:
    Notice.objects.bulk_create(_notices(told, content, now, event), ignore_conflicts=True)
    kept = dict(Notice.objects.filter(key=told.key, person__in=told.persons).values_list("person", "pk"))
    Message.objects.bulk_create(_messages(told, content, now, kept), ignore_conflicts=True)


def _notices(told: Told, content: Content, now: datetime, event: Event | None) -> list[Notice]:
    return [
        Notice(
            person=person,
            kind=told.kind,
            key=told.key,
            thread=told.thread,
            subject=subject(content),
            content=content.as_json(),
            path=content.path,
            event=event,
            deployment_id=told.deployment,
            gate_id=told.gate,
            at=now,
        )
        for person in told.persons
    ]


def subject(content: Content) -> str:
    """As long as a notice's may be."""
    return plain.cut(plain.line(content.subject), LONGEST_SUBJECT)


def _messages(told: Told, content: Content, now: datetime, notices: Mapping[int, int]) -> list[Message]:
    addresses = _addresses(told)
    due_at = holding.due_at(told.kind, addresses, now)
    said, said_to_all = content.as_json(), wording.to_a_channel(content).as_json()
    return [
        Message(
            address=address,
            notice_id=notices.get(address.person_id) if address.person_id else None,
            key=told.key,
            kind=told.kind,
            content=said_to_all if address.channel_id else said,
            thread=told.thread,
            made_at=now,
            due_at=due_at[address.pk],
            is_held=due_at[address.pk] > now,
        )
        for address in addresses
    ]


def _addresses(told: Told) -> Sequence[NotificationAddress]:
    theirs = Q(person__in=told.persons) | Q(channel__in=told.channels)
    rows = NotificationAddress.objects.filter(theirs, is_on=True)
    found = rows.select_related("person__notification_preference").order_by("pk")
    return [each for each in found if on_call.hears(each.service, told.kind)]
