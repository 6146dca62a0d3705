"""An address that takes nothing any more: it is turned off, its page and the log say why, and its person is told."""

from datetime import datetime

from deployments.record.append import append_event
from deployments.telling.notifications.addresses import NOTIFICATIONS
from deployments.telling.notifications.audience.told import Told
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import NotificationAddress
from deployments.telling.notifications.written import write


def turn_off(address: NotificationAddress, why: str, seen: str, now: datetime) -> None:
    """What waits stays, and is sent once somebody turns it on again. Nothing where somebody turned it off meanwhile.

    `seen`: what the last attempt found, which may name the place, so that it is not in the log.
    """
    reason = f"{why} {seen} Mend it, send a test, and turn it on again: what waits is sent then."
    on = NotificationAddress.objects.filter(pk=address.pk, is_on=True)
    if not on.update(is_on=False, off_reason=reason):
        return
    append_event(
        NOTIFICATIONS, "notification.address_turned_off",
        f"Address at {address.service} of {address.of} turned off. {why}", now=now, data={"service": address.service},
    )  # fmt: skip
    write(_told(address, now), _content(address, reason), now)


def _told(address: NotificationAddress, now: datetime) -> Told:
    """Its person, whose other addresses say so, too; of a channel the others of that channel."""
    key = f"address:{address.pk}:{now.isoformat()}"
    return Told(
        kind=Kind.ADDRESS_DEAD, key=key, thread=key,
        persons=(address.person,) if address.person else (), channels=(address.channel,) if address.channel else (),
    )  # fmt: skip


def _content(address: NotificationAddress, reason: str) -> Content:
    return Content(
        subject=f"Turned off: {address.shown}",
        sentences=(f"Tealgate sends nothing to {address.shown} of {address.of} any more.", reason),
        path="/notifications/",
        link_text="What I am told",
        tone="bad",
    )
