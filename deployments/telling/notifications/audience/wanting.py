"""What people and channels chose to hear, over rows that were read with all that they chose."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from deployments.catalog.models import Environment
from deployments.telling.notifications.kinds import Kind, for_persons
from deployments.telling.notifications.models import NotificationChannel, NotificationPreference

_PREFERENCE = "notification_preference"


def with_preference(people: "QuerySet[User]") -> "QuerySet[User]":
    """Three queries, however many they are."""
    return people.select_related(_PREFERENCE).prefetch_related(f"{_PREFERENCE}__applications")


def preference_of(person: User) -> NotificationPreference | None:
    return getattr(person, _PREFERENCE, None)


def wants(person: User, kind: Kind, application: int | None = None, *, own: bool = True) -> bool:
    """`own`: whether it concerns them whatever they chose to follow, such as a deployment that they asked for."""
    preference = preference_of(person)
    if preference is None:
        return own and kind.value in for_persons()
    if kind.value not in preference.kinds:
        return False
    return own or application in _keys(preference.applications.all())


def leaves_out(person: User, application: int) -> bool:
    """Whether they named applications, and not this one."""
    preference = preference_of(person)
    named = _keys(preference.applications.all()) if preference else set()
    return bool(named) and application not in named


def channels(kind: Kind, environment: Environment | None) -> tuple[NotificationChannel, ...]:
    """That are on and hear this kind: of that environment, or of Tealgate itself. Three queries."""
    on = NotificationChannel.objects.filter(is_on=True, **({"is_operations": True} if kind.is_operators else {}))
    read = on.prefetch_related("applications", "environments")
    return tuple(each for each in read if _hears(each, kind) and _is_for(each, environment))


def _hears(channel: NotificationChannel, kind: Kind) -> bool:
    """An operators' channel hears all of that; it chooses among the other kinds only."""
    return kind.is_operators or kind.value in channel.kinds


def _is_for(channel: NotificationChannel, environment: Environment | None) -> bool:
    if environment is None or not channel.is_for_some:
        return True
    return environment.application_id in _keys(channel.applications.all()) or (
        environment.pk in _keys(channel.environments.all())
    )


def _keys(rows: Iterable[Any]) -> set[int]:
    return {row.pk for row in rows}
