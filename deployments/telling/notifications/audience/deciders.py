"""Whom a gate waits for: those who may decide there, and have not."""

from collections.abc import Iterator, Sequence

from django.contrib.auth.models import User
from django.db.models import QuerySet

from deployments.delivery import standing
from deployments.delivery.models import Gate
from deployments.people import holders
from deployments.record.append import PEOPLE
from deployments.record.models import Event
from deployments.telling.notifications.audience.wanting import with_preference


def of(gate: Gate) -> list[User]:
    """Each once, however many groups give them the right. As many queries for a hundred as for one."""
    found = list(with_preference(_may(gate).order_by("pk")))
    doubtful = set(_changed_since(gate, found))
    return [person for person in found if person not in doubtful or not standing.changed_account(gate, person)]


def is_one(gate: Gate, person: User) -> bool:
    """Whether it waits for them; what `of` answers for all."""
    return _may(gate).filter(pk=person.pk).exists() and not standing.changed_account(gate, person)


def _may(gate: Gate) -> "QuerySet[User]":
    see = holders.who_may("deployments.view_deployment").values("pk")
    return holders.who_decide(gate.deciders).filter(pk__in=see)


def _changed_since(gate: Gate, people: Sequence[User]) -> Iterator[User]:
    """Whose account or group somebody changed after the deployment was asked for: their approval may not count."""
    events = Event.objects.filter(chain__name=PEOPLE.name, at__gt=gate.deployment.created_at)
    changed = list(events.values_list("data", flat=True))
    if not changed:
        return
    persons, groups = {data.get("person") for data in changed}, {data.get("group") for data in changed} - {None}
    members = set(User.groups.through.objects.filter(group__in=groups).values_list("user", flat=True))
    yield from (person for person in people if person.pk in persons | members)
