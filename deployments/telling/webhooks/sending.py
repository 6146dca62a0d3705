"""What to send next, and what came of it. The request itself is made in between, by whoever asks, without the database.

A row is claimed as a deployment is, by a conditional UPDATE that sets a lease. Whoever is killed before the answer is
written down leaves a row that is sent again, with the same id, once the lease is over.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom

import structlog
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from deployments.outbound.errors import FetchError, PrivateAddress
from deployments.outbound.fetching import Answer, Request, fetch
from deployments.record.append import append_event
from deployments.sealed import Unreadable
from deployments.telling.webhooks import outcome, signing
from deployments.telling.webhooks.body import CONTENT_TYPE
from deployments.telling.webhooks.models import ANSWER_KEPT, DeliveryStatus, WebhookDelivery, WebhookSubscription
from deployments.telling.webhooks.outcome import TRIED_FOR, Again, Attempt, Delivered, NotWanted, Outcome
from deployments.telling.webhooks.subscriptions import WEBHOOKS

log = structlog.get_logger(__name__)

#: Of one request, from the name's look-up to the last byte that is read.
REQUEST_SECONDS = 10.0
#: Longer than that and what stands around it.
LEASE = timedelta(seconds=30)
#: Of one webhook so many chains are sent at once; while it fails one, so that it keeps nobody from the others.
CHAINS_AT_ONCE = 4
_chance = SystemRandom()


@dataclass(frozen=True)
class Parcel:
    """One attempt: what to send, and whose it is. `refusal` instead of a request where none can be made."""

    delivery: int
    subscription: int
    chain: str
    place: str
    attempt: Attempt
    request: Request | None
    refusal: str = ""


@dataclass(frozen=True)
class Sent:
    """An answer, or why there is none."""

    parcel: Parcel
    answer: Answer | None
    trouble: str = ""


def claim(holder: str, now: datetime, *, under_way: Collection[int], most: int) -> list[Parcel]:
    """Up to `most` that are due, the first of each chain only, and no more of a webhook than its share.

    `holder` names this one on the rows; `under_way`: a webhook's key for each parcel that is not back yet.
    """
    parcels: list[Parcel] = []
    taken = list(under_way)
    for pk, subscription, failing_since in _due(now):
        if len(parcels) == most:
            break
        if taken.count(subscription) >= (1 if failing_since else CHAINS_AT_ONCE):
            continue
        if _claimed(pk, holder, now):
            taken.append(subscription)
            parcels.append(_parcel(pk, now))
    return parcels


def following(sent: Sent, holder: str, now: datetime) -> list[Parcel]:
    """What comes next in the chain of one that came through, without looking at all the others."""
    waiting = WebhookDelivery.objects.filter(
        subscription=sent.parcel.subscription, chain=sent.parcel.chain, status=DeliveryStatus.WAITING
    )
    pk = waiting.filter(subscription__is_on=True).order_by("number").values_list("pk", flat=True).first()
    return [_parcel(pk, now)] if pk and _claimed(pk, holder, now) else []


def send(parcel: Parcel) -> Sent:
    """Make the request, once. It needs no database, takes no longer than REQUEST_SECONDS and raises nothing."""
    if parcel.request is None:
        return Sent(parcel, None, parcel.refusal)
    try:
        return Sent(parcel, fetch(parcel.request))
    except PrivateAddress as error:
        return Sent(
            parcel, None, f"Not sent: {error} If it is meant, say at the webhook that it is inside your network."
        )
    except FetchError as error:
        return Sent(parcel, None, f"Not delivered: {error}")


def record(sent: Sent, holder: str, now: datetime) -> bool:
    """Write down what came of it; whether it came through. Nothing is written where somebody else holds it by now."""
    parcel, answer = sent.parcel, sent.answer
    found = (
        outcome.answered(parcel.place, answer.status, answer.headers, parcel.attempt, now)
        if answer
        else outcome.failed(sent.trouble, parcel.attempt)
    )
    held = WebhookDelivery.objects.filter(pk=parcel.delivery, lease_token=holder, status=DeliveryStatus.WAITING)
    with transaction.atomic():
        if not held.update(**_columns(sent, found, now)):
            return False
        _tell_subscription(parcel, found, now)
    log.info("webhook.attempted", delivery=parcel.delivery, place=parcel.place, outcome=type(found).__name__)
    return isinstance(found, Delivered)


def _due(now: datetime) -> list[tuple[int, int, datetime | None]]:
    """(delivery, webhook, since when that fails), the one that waits longest first."""
    if not WebhookDelivery.objects.claimable(now).order_by().exists():
        return []
    rows = WebhookDelivery.objects.first_in_chains()
    due = [row for row in rows if row.due_at <= now and (row.lease_expires_at is None or row.lease_expires_at <= now)]
    due.sort(key=lambda row: row.due_at)
    return [(row.pk, row.subscription_id, row.subscription.failing_since) for row in due]


def _claimed(pk: int, holder: str, now: datetime) -> bool:
    row = WebhookDelivery.objects.claimable(now).order_by().filter(pk=pk)
    return (
        row.update(
            lease_token=holder, lease_expires_at=now + LEASE, attempts=F("attempts") + 1, sent_at=now,
            first_sent_at=Coalesce("first_sent_at", now),
        ) == 1
    )  # fmt: skip


def _parcel(pk: int, now: datetime) -> Parcel:
    """As the webhook is now: it may lead elsewhere since the last attempt."""
    row = WebhookDelivery.objects.select_related("subscription").get(pk=pk)
    subscription, since = row.subscription, row.first_sent_at or now
    attempt = Attempt(number=row.attempts, tried_for=now - since, jitter=_chance.random(), by_hand=row.by_hand)
    try:
        request, refusal = _request(row, now), ""
    except Unreadable as unreadable:
        request, refusal = None, f"Not sent: {unreadable.sentence}"
    return Parcel(pk, subscription.pk, row.chain, subscription.place, attempt, request, refusal)


def _request(row: WebhookDelivery, now: datetime) -> Request:
    """Raises Unreadable."""
    signed = signing.signed(row.body, message_id=row.message_id, secrets=row.subscription.secrets(now), now=now)
    return Request(
        url=row.subscription.url, method="POST", headers={"Content-Type": CONTENT_TYPE, **signed},
        content=row.body.encode(), seconds=REQUEST_SECONDS, first_bytes=ANSWER_KEPT,
        public=not row.subscription.is_internal,
    )  # fmt: skip


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
        "lease_token": "",
        "lease_expires_at": None,
    }


def _tell_subscription(parcel: Parcel, found: Outcome, now: datetime) -> None:
    rows = WebhookSubscription.objects.select_for_update().filter(pk=parcel.subscription)
    subscription = rows.first()
    if subscription is None:
        return
    if isinstance(found, Delivered):
        if subscription.failing_since:  # what waits for its next attempt need not wait any longer
            subscription.deliveries.filter(status=DeliveryStatus.WAITING, due_at__gt=now).update(due_at=now)
        rows.update(failing_since=None, delivered_at=now)
    elif isinstance(found, NotWanted):
        _turn_off(subscription, found.said, now)
    elif not parcel.attempt.by_hand:
        since = subscription.failing_since or now
        rows.update(failing_since=since)
        if now - since >= TRIED_FOR:
            _turn_off(subscription, f"Nothing was delivered for {TRIED_FOR.days} days. {found.said}", now)


def _turn_off(subscription: WebhookSubscription, why: str, now: datetime) -> None:
    """What waits stays, and is sent once somebody turns it on again."""
    reason = f"{why} Mend the receiver, send a test, and turn it on again: what waits is sent then."
    on = WebhookSubscription.objects.filter(pk=subscription.pk, is_on=True)
    if on.update(is_on=False, off_reason=reason):
        append_event(
            WEBHOOKS, "webhook.turned_off", f"Webhook {subscription} turned off. {why}",
            now=now, data={"place": subscription.place},
        )  # fmt: skip
