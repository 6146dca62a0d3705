"""People who may see, and some who may decide."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import Group, User

from deployments.delivery.models import Deployment
from deployments.people import roles
from deployments.record.models import Event
from deployments.telling.notifications.audience import Told, of
from deployments.telling.notifications.models import NotificationAddress, NotificationChannel, NotificationPreference
from tests.delivery.engine.world import NOON, World


def join(name: str, *groups: str) -> User:
    """Somebody in these groups; a role's has its rights."""
    roles.ensure_roles()
    user, _ = User.objects.get_or_create(username=name)
    user.groups.add(*(Group.objects.get_or_create(name=group)[0] for group in groups))
    return user


def prefer(person: User, *, applications: Sequence[Any] = (), **columns: Any) -> NotificationPreference:
    preference = NotificationPreference.objects.create(person=person, **columns)
    preference.applications.set(applications)
    return preference


def channel(name: str = "team", *, applications: Sequence[Any] = (), **columns: Any) -> NotificationChannel:
    made = NotificationChannel.objects.create(name=name, made_at=NOON, is_for_some=bool(applications), **columns)
    made.applications.set(applications)
    return made


def newest(deployment: Deployment, kind: str) -> Event:
    event = deployment.events.filter(kind=kind).order_by("-pk").first()
    assert event is not None
    return event


def told(world: World, deployment: Deployment, kind: str) -> list[Told]:
    return of(newest(deployment, kind), world.clock())


def names(found: list[Told]) -> list[str]:
    return [person.get_username() for each in found for person in each.persons]


def address(of: User | NotificationChannel, **columns: Any) -> NotificationAddress:
    whose = {"person": of} if isinstance(of, User) else {"channel": of}
    said = {"service": "json", "url": "json://127.0.0.1/", "shown": "json: 127.0.0.1", "made_at": NOON}
    return NotificationAddress.objects.create(**{**whose, **said, **columns})
