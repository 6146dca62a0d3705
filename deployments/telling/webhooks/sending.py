"""What to send next, and the request itself, which needs no database. What came of it is written down by `recording`.

A row is claimed as a deployment is, by a conditional UPDATE that sets a lease. Whoever is killed before the answer is
written down leaves a row that is sent again, with the same id, once the lease is over.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom

from django.db.models import F
from django.db.models.functions import Coalesce

from deployments import leased
from deployments.outbound.errors import FetchError, PrivateAddress
from deployments.outbound.fetching import Answer, Request, fetch
from deployments.sealed import Unreadable
from deployments.telling.attempts import Attempt
from deployments.telling.webhooks import signing
from deployments.telling.webhooks.body import CONTENT_TYPE
from deployments.telling.webhooks.models import ANSWER_KEPT, DeliveryStatus, WebhookDelivery

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

    @property
    def row(self) -> int:
        return self.delivery

    @property
    def goes_to(self) -> int:
        return self.subscription


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
        if found := _claimed_parcel(pk, holder, now):
            taken.append(subscription)
            parcels += found
    return parcels


def following(sent: Sent, holder: str, now: datetime) -> list[Parcel]:
    """What comes next in the chain of one that came through, without looking at all the others."""
    waiting = WebhookDelivery.objects.filter(
        subscription=sent.parcel.subscription, chain=sent.parcel.chain, status=DeliveryStatus.WAITING
    )
    pk = waiting.filter(subscription__is_on=True).order_by("number").values_list("pk", flat=True).first()
    return _claimed_parcel(pk, holder, now) if pk else []


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


def _due(now: datetime) -> list[tuple[int, int, datetime | None]]:
    """(delivery, webhook, since when that fails), the one that waits longest first."""
    if not WebhookDelivery.objects.claimable(now).order_by().exists():
        return []
    rows = WebhookDelivery.objects.first_in_chains()
    due = [row for row in rows if row.due_at <= now and (row.lease_expires_at is None or row.lease_expires_at <= now)]
    due.sort(key=lambda row: row.due_at)
    return [(row.pk, row.subscription_id, row.subscription.failing_since) for row in due]


def _claimed(pk: int, holder: str, now: datetime) -> bool:
    row = WebhookDelivery.objects.claimable(now).filter(pk=pk)
    return leased.claim(
        row, holder, now, lasts=LEASE, attempts=F("attempts") + 1, sent_at=now,
        first_sent_at=Coalesce("first_sent_at", now),
    )  # fmt: skip


def _claimed_parcel(pk: int, holder: str, now: datetime) -> list[Parcel]:
    """None where another one has it, or somebody deletes its webhook this moment: all others are sent."""
    if not _claimed(pk, holder, now):
        return []
    return [_parcel(row, now) for row in WebhookDelivery.objects.select_related("subscription").filter(pk=pk)]


def _parcel(row: WebhookDelivery, now: datetime) -> Parcel:
    """As the webhook is now: it may lead elsewhere since the last attempt."""
    subscription, since = row.subscription, row.first_sent_at or now
    attempt = Attempt(number=row.attempts, tried_for=now - since, jitter=_chance.random(), by_hand=row.by_hand)
    try:
        request, refusal = _request(row, now), ""
    except Unreadable as unreadable:
        request, refusal = None, f"Not sent: {unreadable.sentence}"
    return Parcel(row.pk, subscription.pk, row.chain, subscription.place, attempt, request, refusal)


def _request(row: WebhookDelivery, now: datetime) -> Request:
    """Raises Unreadable."""
    signed = signing.signed(row.body, message_id=row.message_id, secrets=row.subscription.secrets(now), now=now)
    return Request(
        url=row.subscription.url, method="POST", headers={"Content-Type": CONTENT_TYPE, **signed},
        content=row.body.encode(), seconds=REQUEST_SECONDS, first_bytes=ANSWER_KEPT,
        public=not row.subscription.is_internal,
    )  # fmt: skip
