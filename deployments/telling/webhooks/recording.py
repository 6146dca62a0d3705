"""What came of a request, written down: on its row, and at the webhook, which it may turn off."""

from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction

from deployments import leased
from deployments.record.append import append_event
from deployments.telling.attempts import TRIED_FOR
from deployments.telling.webhooks import outcome
from deployments.telling.webhooks.models import DeliveryStatus, WebhookDelivery, WebhookSubscription
from deployments.telling.webhooks.outcome import Again, Delivered, GivenUp, NotWanted, Outcome
from deployments.telling.webhooks.sending import Parcel, Sent
from deployments.telling.webhooks.subscriptions import WEBHOOKS

log = structlog.get_logger(__name__)


def record(sent: Sent, holder: str, now: datetime) -> bool:
    """Write down what came of it; whether it came through. Nothing is written where somebody else holds it by now."""
    try:
        return _recorded(sent, holder, now)
    except (OperationalError, InterfaceError):  # nothing can be recorded now
        raise
    except Exception as error:  # else it would be sent again for ever, without a pause and without a word
        log.exception("webhook.answer_not_kept", delivery=sent.parcel.delivery)
        trouble = f"What {sent.parcel.place} answered made Tealgate fail ({type(error).__name__})."
        return _recorded(Sent(sent.parcel, None, trouble), holder, now)


def _recorded(sent: Sent, holder: str, now: datetime) -> bool:
    parcel, answer = sent.parcel, sent.answer
    found = (
        outcome.answered(parcel.place, answer.status, answer.headers, parcel.attempt, now)
        if answer
        else outcome.failed(sent.trouble, parcel.attempt)
    )
    held = WebhookDelivery.objects.filter(pk=parcel.delivery, lease_token=holder, status=DeliveryStatus.WAITING)
    with transaction.atomic():
        # The webhook's row first, as whoever turns it on or deletes it does: else two would wait for each other.
        subscription = WebhookSubscription.objects.select_for_update().filter(pk=parcel.subscription).first()
        if subscription is None:
            return False
        leads_elsewhere = parcel.request is not None and parcel.request.url != subscription.url
        if leads_elsewhere and not isinstance(found, Delivered) and not parcel.attempt.by_hand:
            found = Again(f"{_seen(found)} The webhook leads elsewhere by now.", timedelta())
        if not held.update(**_columns(sent, found, now)):
            return False
        if not leads_elsewhere and _turned_off(subscription, parcel, found, now) and not parcel.attempt.by_hand:
            waits = {"status": DeliveryStatus.WAITING, "said": _seen(found)}
            WebhookDelivery.objects.filter(pk=parcel.delivery).update(**waits)
    log.info("webhook.attempted", delivery=parcel.delivery, place=parcel.place, outcome=type(found).__name__)
    return isinstance(found, Delivered)


def _columns(sent: Sent, found: Outcome, now: datetime) -> dict[str, object]:
    answer, request = sent.answer, sent.parcel.request
    status = {Delivered: DeliveryStatus.DELIVERED, Again: DeliveryStatus.WAITING}.get(
        type(found), DeliveryStatus.FAILED
    )
    return {
        "status": status,
        "said": found.said,
        "due_at": now + found.pause if isinstance(found, Again) else now,
        "place": sent.parcel.place[:300],
        "headers": dict(request.headers) if request else {},
        "response_status": answer.status if answer else None,
        "answer": answer.body.decode("utf-8", "replace").replace("\0", "") if answer else "",
        "milliseconds": round(1000 * answer.seconds) if answer else None,
        **leased.FREE,
    }


def _turned_off(subscription: WebhookSubscription, parcel: Parcel, found: Outcome, now: datetime) -> bool:
    """Note at the webhook what came of it; whether that turned it off, so that this one waits as all others do."""
    rows = WebhookSubscription.objects.filter(pk=subscription.pk)
    if isinstance(found, Delivered):
        if subscription.failing_since:  # what waits for its next attempt need not wait any longer
            subscription.deliveries.filter(status=DeliveryStatus.WAITING, due_at__gt=now).update(due_at=now)
        rows.update(failing_since=None, delivered_at=now)
        return False
    if isinstance(found, NotWanted):
        return _turn_off(subscription, found.said, now)
    since = subscription.failing_since or now
    if not parcel.attempt.by_hand:
        rows.update(failing_since=since)
    if parcel.attempt.by_hand or now - since < TRIED_FOR:
        return False
    return _turn_off(subscription, f"Nothing was delivered for {TRIED_FOR.days} days. {_seen(found)}", now)


def _seen(found: Outcome) -> str:
    return found.seen if isinstance(found, GivenUp) else found.said


def _turn_off(subscription: WebhookSubscription, why: str, now: datetime) -> bool:
    """What waits stays, and is sent once somebody turns it on again. False where somebody turned it off meanwhile."""
    reason = f"{why} Mend the receiver, send a test, and turn it on again: what waits is sent then."
    on = WebhookSubscription.objects.filter(pk=subscription.pk, is_on=True)
    if not on.update(is_on=False, off_reason=reason):
        return False
    append_event(
        WEBHOOKS, "webhook.turned_off", f"Webhook {subscription} turned off. {why}",
        now=now, data={"place": subscription.place},
    )  # fmt: skip
    return True
