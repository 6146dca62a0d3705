"""What people do with addresses, their own and a channel's: add one, lead it elsewhere, try it, turn it off and on."""

from datetime import datetime
from secrets import token_hex
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from django.contrib.auth.models import User
from django.db import transaction

from deployments import logs
from deployments.outbound import addresses as hosts
from deployments.outbound.messaging import looking
from deployments.outbound.messaging.places import Place
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record.append import Chain, append_event
from deployments.refused import Refused
from deployments.telling.chat.bot import placing
from deployments.telling.notifications import schemas, services
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import Message, MessageStatus, NotificationAddress, NotificationChannel
from deployments.telling.notifications.models.address import LONGEST_SHOWN
from deployments.telling.notifications.services import typed_address
from deployments.texts import typed

#: The events' chain in the log.
NOTIFICATIONS: Final = Chain("notifications")
LONGEST_URL: Final = 1000
#: Of one person, and of one channel.
MOST: Final = 20


def add(
    *, of: User | NotificationChannel, url: str, shown: str, principal: Principal, now: datetime,
    is_internal: bool = False,
) -> NotificationAddress:  # fmt: skip
    """`url` as apprise or a service of ours reads it; `shown`: all of it that everybody may see.

    Raises Refused: no right, no such service, a private host, too many.
    """
    row = NotificationAddress(made_at=now)
    if isinstance(of, NotificationChannel):
        row.channel = of
    else:
        row.person = of
    _require(row, principal)
    if NotificationAddress.objects.filter(channel=row.channel, person=row.person).count() >= MOST:
        raise Refused(f"{row.of} has {MOST} addresses, which is the most; delete one that is not used any more.")
    _take(row, url, shown, is_internal, principal, now)
    with transaction.atomic():
        row.save()
        said = f"Address at {row.service} of {row.of} added by {principal}"
        _tell(row, "added", said, principal, now)
    return row


def replace(
    *,
    address: NotificationAddress,
    url: str,
    shown: str,
    principal: Principal,
    now: datetime,
    is_internal: bool = False,
) -> None:
    """Lead it elsewhere; what waits goes there at once, which is judged by nothing before. Raises Refused as `add`."""
    _require(address, principal)
    _take(address, url, shown, is_internal, principal, now)
    address.failing_since, address.rests_until, address.delivered_at = None, None, None
    with transaction.atomic():
        address.save(update_fields=[
            "service", "url", "shown", "is_internal", "failing_since", "rests_until", "delivered_at",
        ])  # fmt: skip
        _try_anew(address, now)
        said = f"Address at {address.service} of {address.of} changed by {principal}"
        _tell(address, "changed", said, principal, now)


def turn_off(*, address: NotificationAddress, principal: Principal, now: datetime) -> None:
    """Nothing is sent there, and what happens meanwhile is not kept for it. Raises Refused: no right, or it is off."""
    _require(address, principal)
    with transaction.atomic():
        on = NotificationAddress.objects.filter(pk=address.pk, is_on=True)
        if not on.update(is_on=False, off_reason=""):
            raise Refused(f"{address} is off already.")
        said = f"Address at {address.service} of {address.of} turned off by {principal}"
        _tell(address, "turned off", said, principal, now)


def turn_on(*, address: NotificationAddress, principal: Principal, now: datetime) -> None:
    """What waited since before is sent first. Raises Refused: no right, or it is on."""
    _require(address, principal)
    with transaction.atomic():
        off = NotificationAddress.objects.filter(pk=address.pk, is_on=False)
        if not off.update(is_on=True, off_reason="", failing_since=None, rests_until=None):
            raise Refused(f"{address} is on already.")
        _try_anew(address, now)
        said = f"Address at {address.service} of {address.of} turned on by {principal}"
        _tell(address, "turned on", said, principal, now)


def delete(*, address: NotificationAddress, principal: Principal, now: datetime) -> None:
    """With all that was sent there. Raises Refused without the right."""
    _require(address, principal)
    with transaction.atomic():
        said = f"Address at {address.service} of {address.of} deleted by {principal}"
        _tell(address, "deleted", said, principal, now)
        address.delete()


def send_test(*, address: NotificationAddress, principal: Principal, now: datetime) -> Message:
    """Tried once, also where the address is off. Raises Refused without the right, or while one is on its way."""
    _require(address, principal)
    tests = address.messages.filter(kind=Kind.TEST, status=MessageStatus.WAITING)
    if tests.filter(by_hand=True).exists():
        raise Refused("A test is on its way already; what came of it stands below within seconds.")
    key = f"test:{token_hex(8)}"
    content = Content(
        subject="A test from Tealgate",
        sentences=(f"{principal} asked for it. Whoever reads this hears of what Tealgate tells {address.of}.",),
        path="/notifications/",
        link_text="What I am told",
    )
    return Message.objects.create(
        address=address, key=key, thread=key, kind=Kind.TEST, content=content.as_json(), by_hand=True, made_at=now,
        due_at=now,
    )  # fmt: skip


def refusal(address: NotificationAddress, principal: Principal) -> str:
    """Why they may do nothing with it; "" when they may."""
    if address.channel_id:
        return rights.channel_refusal(principal, "change")
    return rights.own_notifications_refusal(principal, address.person)


def _require(address: NotificationAddress, principal: Principal) -> None:
    if said := refusal(address, principal):
        raise Refused(said)


def _take(
    row: NotificationAddress, url: str, shown: str, is_internal: bool, principal: Principal, now: datetime
) -> None:
    """Raises Refused. Of a bot's conversation what is typed is its code, and never which row it is."""
    if is_internal and (said := rights.channel_refusal(principal, "change")):
        raise Refused(said, field="is_internal")
    url = typed(url, most=LONGEST_URL, what="The address", field="url")
    parts = _parts(url)
    if parts.scheme == "https":
        url = _understood(url).url
        parts = _parts(url)
    if row.person and parts.scheme in schemas.OF_CHANNELS:
        raise Refused("What Tealgate tells by AWS's credentials belongs to a channel: add it there.", field="url")
    if said := schemas.refusal(parts.scheme) or hosts.literal_refusal(parts.hostname or "", public=not is_internal):
        raise Refused(said, field="url")
    if _can_be_read_along(url, parts.scheme) and not is_internal:
        raise Refused(
            "Others could read it on its way. Use https://, or say that it is inside your network.", field="url"
        )
    if parts.scheme not in services.ADAPTERS or parts.scheme in schemas.MAIL:
        _understood(url)
    if parts.scheme == services.BOT:
        place = placing.redeemed(typed_address.read(url).where, now)
        url, shown = f"{services.BOT}://{place.pk}", f"Teams: {place}"
    logs.learn(url)
    row.service, row.url, row.is_internal, row.shown = parts.scheme, url, is_internal, shown[:LONGEST_SHOWN]


def _can_be_read_along(url: str, scheme: str) -> bool:
    """Also where a service of ours is told another endpoint: the key goes there with each message."""
    return scheme in schemas.PLAIN or typed_address.read(url).option("endpoint").lower().startswith("http:")


def _understood(url: str) -> Place:
    """What apprise makes of it, such as of the https:// address that a service shows. Raises Refused."""
    found = looking.look(url)
    if found.refusal:
        raise Refused(found.refusal, field="url")
    return found


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.hostname  # raises ValueError for half an IPv6 address
    except ValueError:
        parts = urlsplit("")
    if not parts.scheme or "://" not in url or any(each.isspace() for each in url):
        raise Refused("Write a whole address, such as slack://….", field="url")
    return parts


def _try_anew(address: NotificationAddress, now: datetime) -> None:
    """Each message has its time anew: one more failure is not the end of what waited for so long."""
    address.messages.filter(status=MessageStatus.WAITING).update(due_at=now, first_sent_at=None)


def _tell(row: NotificationAddress, done: str, said: str, principal: Principal, now: datetime) -> None:
    """Never the address itself, and of a person's not even what others may see of it."""
    data: dict[str, Any] = {"service": row.service, "of": row.of, "internal": row.is_internal}
    kind = f"notification.address_{done.replace(' ', '_')}"
    append_event(NOTIFICATIONS, kind, said, now=now, principal=principal, data=data)
