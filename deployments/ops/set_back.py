"""After the clock was set back: what waits for a time that is far away again is due now, and leases end as usual.

An hour ahead, for a moment, would else have each of them wait for an hour. One look too early costs nothing.
"""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from deployments import leased
from deployments.catalog.models import Environment, SelfRegistration
from deployments.catalog.self_registering.looking import KILLED_AFTER
from deployments.delivery.engine import leases
from deployments.delivery.models import PipelineAnswer, Tidying
from deployments.record.models import Outbox
from deployments.telling.forge.models import Forge, ForgeQuestion, ForgeRepository, ForgeTelling
from deployments.telling.notifications.models import Message, MessageStatus, NotificationAddress
from deployments.telling.webhooks.models import DeliveryStatus, WebhookDelivery, WebhookSubscription

#: What is held back waits for a time that somebody chose.
_told = Message.objects.filter(status=MessageStatus.WAITING, is_held=False)
_sent = WebhookDelivery.objects.filter(status=DeliveryStatus.WAITING)
#: rows, and the column that says when
WAITING: tuple[tuple[QuerySet[Any], str], ...] = (
    (Environment.objects.all(), "compared_at"),
    (SelfRegistration.objects.all(), "due_at"),
    (PipelineAnswer.objects.all(), "due_at"),
    (Tidying.objects.all(), "due_at"),
    (Outbox.objects.all(), "due_at"),
    (_sent, "due_at"),
    (WebhookSubscription.objects.all(), "on_since"),  # of what happens from now on none is from before
    (ForgeTelling.objects.all(), "due_at"),
    (ForgeQuestion.objects.all(), "due_at"),
    (Forge.objects.all(), "rests_until"),
    (_told, "due_at"),
    (NotificationAddress.objects.all(), "rests_until"),
    (ForgeRepository.objects.all(), "rests_until"),
)
LEASED: tuple[QuerySet[Any], ...] = (
    PipelineAnswer.objects.all(), Outbox.objects.all(), _sent, ForgeTelling.objects.all(), ForgeQuestion.objects.all(),
    _told,
)  # fmt: skip


def bring_back(now: datetime) -> None:
    leases.bring_back(now)
    for rows, column in WAITING:
        rows.order_by().filter(**{f"{column}__gt": now}).update(**{column: now})
    for rows in LEASED:
        rows.order_by().filter(lease_expires_at__gt=leased.end(now)).update(lease_expires_at=leased.end(now))
    looked_at = SelfRegistration.objects.filter(claimed_until__gt=now + KILLED_AFTER)
    looked_at.update(claimed_until=now + KILLED_AFTER)
