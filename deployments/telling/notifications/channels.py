"""What people do with channels: add one, change it, turn it off and on, delete it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from deployments.catalog.models import Application, Environment
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record import constraints
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.telling.notifications.addresses import NOTIFICATIONS
from deployments.telling.notifications.kinds import NOT_CHOSEN, Kind
from deployments.telling.notifications.models import NotificationChannel
from deployments.telling.notifications.models.channel import LONGEST_NAME
from deployments.texts import typed

_COLUMNS = ("name", "kinds", "is_for_some", "is_operations", "language")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody chose. `applications` and `environments`: the only ones it is about; neither: all.

    `kinds`: names of Kind, those of deployments; what is about Tealgate itself it hears by `is_operations`.
    """

    name: str
    kinds: Collection[str]
    is_operations: bool = False
    #: as the settings name it; "" = English
    language: str = ""
    applications: Collection[Application] = ()
    environments: Collection[Environment] = ()


def offered() -> list[Kind]:
    """What a channel chooses from."""
    return [kind for kind in Kind if kind not in NOT_CHOSEN and not kind.is_operators]


def meaning(kind: Kind) -> str:
    """As a team reads it: a gate waits for no one of them by name."""
    return "A gate waits for approval" if kind is Kind.GATE_WAITS else kind.meaning


def add(*, wanted: Wanted, principal: Principal, now: datetime) -> NotificationChannel:
    """Raises Refused: no right, no name or one that is taken, no or an unknown kind or language."""
    _require(principal, "add")
    channel = NotificationChannel(made_at=now)
    _save(channel, wanted, principal, now)
    return channel


def change(*, channel: NotificationChannel, wanted: Wanted, principal: Principal, now: datetime) -> None:
    """Raises Refused as `add` does."""
    _require(principal, "change")
    _save(channel, wanted, principal, now)


def turn_off(*, channel: NotificationChannel, principal: Principal, now: datetime) -> None:
    """Nothing is sent, and what happens meanwhile is not kept for it. Raises Refused: no right, or it is off."""
    _turn(channel, False, principal, now)


def turn_on(*, channel: NotificationChannel, principal: Principal, now: datetime) -> None:
    """What waited since before is sent first. Raises Refused: no right, or it is on."""
    _turn(channel, True, principal, now)


def delete(*, channel: NotificationChannel, principal: Principal, now: datetime) -> None:
    """With its addresses and all that was sent there. Raises Refused without the right."""
    _require(principal, "delete")
    with transaction.atomic():
        append_event(
            NOTIFICATIONS, "notification.channel_deleted", f"Notification channel {channel} deleted by {principal}",
            now=now, principal=principal, data={"services": sorted(row.service for row in channel.addresses.all())},
        )  # fmt: skip
        channel.delete()


def _require(principal: Principal, verb: str) -> None:
    if refusal := rights.channel_refusal(principal, verb):
        raise Refused(refusal)


def _turn(channel: NotificationChannel, on: bool, principal: Principal, now: datetime) -> None:
    _require(principal, "change")
    with transaction.atomic():
        if not NotificationChannel.objects.filter(pk=channel.pk, is_on=not on).update(is_on=on):
            raise Refused(f"{channel} is on already." if on else f"{channel} is off already.")
        append_event(
            NOTIFICATIONS, "notification.channel_turned_on" if on else "notification.channel_turned_off",
            f"Notification channel {channel} turned on by {principal}" if on else
            f"Notification channel {channel} turned off by {principal}",
            now=now, principal=principal,
        )  # fmt: skip


def _save(channel: NotificationChannel, wanted: Wanted, principal: Principal, now: datetime) -> None:
    """Raises Refused."""
    is_new = channel.pk is None
    _take(channel, wanted)
    try:
        with transaction.atomic():
            channel.save(update_fields=None if is_new else _COLUMNS)
            channel.applications.set(wanted.applications)
            channel.environments.set(wanted.environments)
            append_event(
                NOTIFICATIONS, "notification.channel_added" if is_new else "notification.channel_changed",
                f"Notification channel {channel} added by {principal}" if is_new else
                f"Notification channel {channel} changed by {principal}",
                now=now, principal=principal, data=_told(channel, wanted),
            )  # fmt: skip
    except IntegrityError as error:
        if not constraints.violated(error, NotificationChannel, "notification_channel_unique_name"):
            raise
        raise Refused(f"There is a channel {channel} already; call it otherwise.", field="name") from error


def _take(channel: NotificationChannel, wanted: Wanted) -> None:
    """Raises Refused."""
    channel.name = typed(wanted.name, most=LONGEST_NAME, what="The name", field="name")
    if not channel.name:
        raise Refused("Give it a name, such as the chat room's; the log and the pages call it so.", field="name")
    names = [kind.value for kind in offered()]
    if unknown := sorted(set(wanted.kinds) - set(names)):
        raise Refused(f"There is no kind {unknown[0]}; there are: {', '.join(names)}.", field="kinds")
    if not wanted.kinds and not wanted.is_operations:
        raise Refused("Choose at least one; a channel that is to hear nothing is turned off.", field="kinds")
    channel.kinds = [name for name in names if name in wanted.kinds]
    if wanted.language and wanted.language not in dict(settings.LANGUAGES):
        languages = ", ".join(dict(settings.LANGUAGES))
        raise Refused(f"There is no language {wanted.language}; there are: {languages}.", field="language")
    channel.is_operations, channel.language = wanted.is_operations, wanted.language
    channel.is_for_some = bool(wanted.applications or wanted.environments)


def _told(channel: NotificationChannel, wanted: Wanted) -> dict[str, Any]:
    where = sorted(str(each) for each in (*wanted.applications, *wanted.environments))
    return {"kinds": channel.kinds, "operations": channel.is_operations, "where": where, "language": channel.language}
