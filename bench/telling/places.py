"""Where messages go in a measurement: channels and addresses as rows, since who may make them is not measured."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import NotificationAddress, NotificationChannel


def channel(name: str, urls: Iterable[str], now: datetime, *kinds: Kind) -> NotificationChannel:
    """One that hears these kinds, everywhere."""
    made = NotificationChannel.objects.create(name=name, kinds=[kind.value for kind in kinds], made_at=now)
    NotificationAddress.objects.bulk_create(_address(made, url, now) for url in urls)
    return made


def turn(channels: Sequence[NotificationChannel], *, on: bool) -> None:
    NotificationChannel.objects.filter(pk__in=[each.pk for each in channels]).update(is_on=on)


def _address(of: NotificationChannel, url: str, now: datetime) -> NotificationAddress:
    return NotificationAddress(
        channel=of, service=url.partition(":")[0], url=url, shown="on loopback", is_internal=True, made_at=now
    )
