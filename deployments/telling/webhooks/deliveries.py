"""What people do with single deliveries: a test, once more, not any longer. And how long they are kept."""

from datetime import datetime, timedelta
from secrets import token_hex

from django.conf import settings

from deployments import leased
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.telling.webhooks import body
from deployments.telling.webhooks.models import DeliveryStatus, WebhookDelivery, WebhookSubscription

KEPT_FOR = timedelta(days=30)
#: Rows that are deleted at once: a statement stays short.
BATCH = 1000


def send_test(*, subscription: WebhookSubscription, principal: Principal, now: datetime) -> WebhookDelivery:
    """One event of type tealgate.test, tried once, also where the webhook is off. Raises Refused without the right."""
    _require(principal)
    identifier = f"test_{token_hex(12)}"
    return WebhookDelivery.objects.create(
        subscription=subscription, by_hand=True, chain=f"by hand {identifier}", message_id=identifier, kind="test",
        body=body.of_test(identifier, source=settings.SITE_URL, asked_by=str(principal), now=now),
        made_at=now, due_at=now,
    )  # fmt: skip


def send_again(*, delivery: WebhookDelivery, principal: Principal, now: datetime) -> WebhookDelivery:
    """The same body with the same id, once, to where the webhook leads now; nothing waits for it.

    Raises Refused: no right, or it waits to be sent anyway.
    """
    _require(principal)
    if delivery.status == DeliveryStatus.WAITING:
        raise Refused("It has not come through yet, and is tried again by itself.")
    return WebhookDelivery.objects.create(
        subscription=delivery.subscription, event=delivery.event, by_hand=True, chain=f"by hand {token_hex(12)}",
        message_id=delivery.message_id, kind=delivery.kind, body=delivery.body, made_at=now, due_at=now,
    )  # fmt: skip


def give_up(*, delivery: WebhookDelivery, principal: Principal, now: datetime) -> None:
    """Let what waits behind it go on. Raises Refused: no right, or there is nothing to give up."""
    _require(principal)
    said = f"Given up by {principal} after {delivery.attempts} attempts. {delivery.said}".strip()
    waiting = WebhookDelivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.WAITING)
    if not waiting.update(status=DeliveryStatus.FAILED, said=said, due_at=now, **leased.FREE):
        raise Refused("It does not wait any more.")


def purge(now: datetime) -> int:
    """How many were too old and are gone, up to BATCH; whether they came through or not."""
    old = WebhookDelivery.objects.filter(made_at__lt=now - KEPT_FOR).order_by("made_at").values_list("pk", flat=True)
    return WebhookDelivery.objects.filter(pk__in=list(old[:BATCH])).delete()[0]


def _require(principal: Principal) -> None:
    if refusal := rights.webhook_refusal(principal, "change"):
        raise Refused(refusal)
