"""What to send next: of each thread at an address the oldest only, and of an address that fails one at a time."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from random import SystemRandom

from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from deployments import leased
from deployments.refused import Refused
from deployments.telling.attempts import Attempt
from deployments.telling.chat.bot import placing
from deployments.telling.notifications import languages, services
from deployments.telling.notifications.audience import seeing
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import Does, Message, MessageStatus
from deployments.telling.notifications.models.message import UNDER_WAY, MessageQuerySet
from deployments.telling.notifications.sending.carrying import Carried, Parcel
from deployments.telling.notifications.services import SECONDS, Outgoing, typed_address

#: Longer than an attempt and what stands around it.
LEASE = timedelta(seconds=3 * SECONDS)
#: Of one address so many are sent at once: services count, and answer 429.
AT_ONCE = 2
#: How many rows are looked at for that.
LOOKED_AT = 200
#: What people cannot wait for, when a thousand wait since the service was down; then what waits longest.
_urgent = Case(When(kind__in=[kind.value for kind in Kind if kind.breaks_in], then=Value(0)), default=Value(1))
_FIRST = (_urgent, "due_at", "pk")
_chance = SystemRandom()


def claim(holder: str, now: datetime, *, under_way: Collection[int], most: int) -> list[Parcel]:
    """Up to `most` that are due, what waits longest first, and no more of an address than its share.

    `holder` names this one on the rows; `under_way`: an address's key for each parcel that is not back yet.
    """
    parcels: list[Parcel] = []
    taken = Counter(under_way)
    for pk, address, failing_since in _due(now, taken):
        if len(parcels) == most:
            break
        if taken[address] < _share(failing_since) and _claimed(pk, holder, now):
            found = _parcels(pk, now)
            taken.update(each.address for each in found)
            parcels += found
    return parcels


def following(carried: Carried, holder: str, now: datetime) -> list[Parcel]:
    """What comes next at an address at which one came through, without looking at all the others."""
    rows = _ready(now).filter(address=carried.parcel.address)
    pk = rows.order_by(*_FIRST).values_list("pk", flat=True).first()
    return _parcels(pk, now) if pk and _claimed(pk, holder, now) else []


def _share(failing_since: datetime | None) -> int:
    return 1 if failing_since else AT_ONCE


def _due(now: datetime, taken: Mapping[int, int]) -> list[tuple[int, int, datetime | None]]:
    """(message, address, since when that fails), what waits longest first.

    `taken`: how many of each address are out. A thousand messages to one that has its share keep nobody from others.
    """
    if not Message.objects.claimable(now).order_by().exists():
        return []
    full = [address for address, count in taken.items() if count >= AT_ONCE]
    fails = Q(address__in=list(taken), address__failing_since__isnull=False)
    rows = _ready(now).exclude(Q(address__in=full) | fails).order_by(*_FIRST)
    return list(rows.values_list("pk", "address", "address__failing_since")[:LOOKED_AT])


def _ready(now: datetime) -> MessageQuerySet:
    """Nothing of an address that rests, but for what is asked for by hand; of a thread nothing before its first."""
    before = Message.objects.filter(
        status=MessageStatus.WAITING, is_held=False,
        address=OuterRef("address"), thread=OuterRef("thread"), pk__lt=OuterRef("pk"),
    )  # fmt: skip
    rests = Q(address__rests_until__gt=now, by_hand=False)
    return (Message.objects.waiting() & Message.objects.claimable(now)).filter(~Exists(before)).exclude(rests)


def _claimed(pk: int, holder: str, now: datetime) -> bool:
    """What is still said to be on its way was held by one who died, perhaps after it had been sent."""
    row = Message.objects.claimable(now).filter(pk=pk)
    cut_off = Case(When(said=UNDER_WAY, then=Value(True)), default=F("maybe_twice"))
    return leased.claim(
        row, holder, now, lasts=LEASE, attempts=F("attempts") + 1, sent_at=now, maybe_twice=cut_off, said=UNDER_WAY,
        first_sent_at=Coalesce("first_sent_at", now),
    )  # fmt: skip


def _parcels(pk: int, now: datetime) -> list[Parcel]:
    """None where somebody deletes its address this moment."""
    rows = Message.objects.select_related("address__person", "address__channel", "of")
    return [_parcel(row, now) for row in rows.filter(pk=pk)]


def _parcel(row: Message, now: datetime) -> Parcel:
    """As the address is now: it may lead elsewhere since the last attempt."""
    since = row.first_sent_at or now
    attempt = Attempt(number=row.attempts, tried_for=now - since, jitter=_chance.random(), by_hand=row.by_hand)
    if lost := seeing.lost(row):
        return Parcel(row.pk, row.address_id, row.address.service, attempt, None, f"Not sent: {lost}", is_dropped=True)
    try:
        outgoing, refusal = _outgoing(row, now), ""
    except Refused as refused:
        outgoing, refusal = None, f"Not sent: {refused.sentence}"
    return Parcel(row.pk, row.address_id, row.address.service, attempt, outgoing, refusal)


def _outgoing(row: Message, now: datetime) -> Outgoing:
    """Raises Refused: a secret cannot be read, or the bot does not speak there any more."""
    address = row.address
    place = placing.reached(int(typed_address.read(address.url).where)) if address.service == services.BOT else None
    return Outgoing(
        address_url=address.url, content=_content(row), does=Does(row.does), thread=row.thread,
        key=row.key, reference=_reference(row), attempt=row.attempts, is_internal=address.is_internal,
        site_url=settings.SITE_URL, now=now, kind=row.kind, place=place,
    )  # fmt: skip


def _content(row: Message) -> Content:
    """In the language of whoever reads there; machines are told in English."""
    content = Content.of_json(row.content)
    if row.address.service in services.OF_MACHINES:
        return content
    return languages.in_language(content, languages.of_address(row.address))


def _reference(row: Message) -> dict[str, object]:
    """Of what it changes or resolves, else of the thread's first message at this address that came through."""
    if row.of:
        return _members(row.of.reference)
    sent = Message.objects.filter(address=row.address_id, thread=row.thread, does=Does.TELL, status=MessageStatus.SENT)
    return _members(sent.order_by("pk").values_list("reference", flat=True).first())


def _members(kept: object) -> dict[str, object]:
    """None where another version kept something else there."""
    return dict(kept) if isinstance(kept, dict) else {}
