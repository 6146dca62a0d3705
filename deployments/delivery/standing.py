"""Whose approval counts now. Who approved and then lost the right to no longer does; the page says why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from deployments.catalog.accounts import POWERS
from deployments.delivery.models import Approval, Gate
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.prepared import Prepared
from deployments.record.append import PEOPLE
from deployments.record.models import Event
from deployments.vocabulary import Verdict
from deployments.words import joined

_TELLING = {"username": "renamed", "groups": "put into other groups", "rights": "given other rights",
            "is_active": "activated or deactivated", "is_superuser": "made a superuser or none"}  # fmt: skip


@dataclass(frozen=True)
class Standing:
    approval: Approval
    #: why it does not count, in a sentence; "" when it does
    objection: str
    #: what happened to the account since the deployment was requested, in sentences
    changes: tuple[str, ...]

    @property
    def counts(self) -> bool:
        return not self.objection


def standings(gate: Gate) -> list[Standing]:
    """Of every approval given at this gate, in the order in which they were given."""
    deciders = gate.deciders
    return [_standing(gate, deciders, approval) for approval in _GIVEN(gate=gate.pk)]


def _given(gate: Any) -> "QuerySet[Approval]":
    given = Approval.objects.filter(gate=gate, verdict=Verdict.APPROVE)
    return given.select_related("person").order_by("pk")


_GIVEN = Prepared(_given)


def counted(gate: Gate) -> list[Approval]:
    return [standing.approval for standing in standings(gate) if standing.counts]


def changed_account(gate: Gate, person: User) -> str:
    """Why an approval of this account would not count, in a sentence; "" when it would."""
    changes = changes_since(person, gate.deployment.created_at)
    if not changes or not _is_strict(gate):
        return ""
    return (
        f"After this deployment was requested {joined(changes)}, so an approval of {person.get_username()} does not "
        "count here."
    )


def changes_since(person: User, then: datetime) -> list[str]:
    """What others did to the account, or to the rights of its groups, such as "bob was renamed by alice"."""
    about = Q(data__person=person.pk) | Q(data__group__in=list(person.groups.values_list("pk", flat=True)))
    events = Event.objects.filter(about, chain__name=PEOPLE.name, at__gt=then).order_by("pk")
    return list(dict.fromkeys(sentence for event in events for sentence in _sentences(event, person)))


def _standing(gate: Gate, deciders: rights.Deciders, approval: Approval) -> Standing:
    changes = tuple(changes_since(approval.person, gate.deployment.created_at))
    objection = rights.standing_refusal(Principal.person(approval.person), deciders) or changed_account(
        gate, approval.person
    )
    return Standing(approval, objection, changes)


def _is_strict(gate: Gate) -> bool:
    return bool(gate.deployment.settings.get("strict_approvals", True))


def _sentences(event: Event, person: User) -> Iterable[str]:
    name = person.get_username()
    match event.kind:
        case "person.added":
            yield f"{name} was added by {event.actor}"
        case "person.password_set" if event.actor != name:
            yield f"{name} was given a password by {event.actor}"
        case "person.changed":
            for what in (key for key in ("username", *POWERS) if key in event.data["changed"]):
                yield f"{name} was {_TELLING[what]} by {event.actor}"
        case "group.changed":
            yield f"a group of {name} was changed by {event.actor}"
