"""Who is told of an event, and as what.

A person is told of what is their own: gates that wait for them, deployments that they asked for or decided at, what
they could mend. Whoever names applications follows these besides, and is asked at no other gates. Channels hear of the
applications and environments that they name.
"""

from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q

from deployments.delivery.models import Approval, Deployment, Gate
from deployments.people import holders
from deployments.record.models import Event
from deployments.telling.notifications.audience import deciders, meaning, operators
from deployments.telling.notifications.audience.meaning import About, Meaning
from deployments.telling.notifications.audience.told import Told
from deployments.telling.notifications.audience.wanting import channels, leaves_out, wants, with_preference
from deployments.telling.notifications.kinds import Kind

__all__ = ["Told", "about", "gate_of", "of", "reminded"]

#: Those who may mend it are told, too.
_MENDED = (Kind.ROLLBACK_FAILED, Kind.STUCK)


def of(event: Event, now: datetime) -> list[Told]:
    """Nobody for most events, at the cost of no query."""
    if told := operators.of(event):
        return [told]
    if event.deployment_id is None or not meaning.may_mean(event.kind, event.stage):
        return []
    deployment = _read(event.deployment_id)
    gate = gate_of(event, deployment)
    meant = meaning.of(event.kind, about(event, deployment, gate, now))
    return [_told(meant, event, deployment, gate)] if meant else []


def reminded(gate: Gate, key: str) -> Told:
    """Of a gate that still waits. `gate`: with its deployment and groups."""
    meant = Meaning(kind=Kind.GATE_REMINDER, key=key, thread=f"gate:{gate.pk}")
    return _of_gate(meant, _read(gate.deployment_id), gate)


def about(event: Event, deployment: Deployment, gate: Gate | None, now: datetime) -> About:
    return About(
        event=event.pk,
        deployment=deployment.pk,
        environment=deployment.environment_id,
        gate=gate.pk if gate else None,
        gate_waits=bool(gate and gate.is_open and not gate.has_expired(now)),
        is_decided=_is_decided(event),
    )


def gate_of(event: Event, deployment: Deployment) -> Gate | None:
    """The one that the event is about: a deployment has one open at a time, also several of one stage."""
    if not event.kind.startswith("gate."):
        return None
    gates = list(deployment.gates.filter(stage=event.stage).prefetch_related("groups", "approvals").order_by("pk"))
    opened = [gate for gate in gates if gate.opened_at <= event.at] or gates
    gate = opened[-1] if opened else None
    if gate:
        gate.deployment = deployment
    return gate


def _read(pk: int) -> Deployment:
    related = ("environment__application", "release", "requested_by")
    return Deployment.objects.select_related(*related).get(pk=pk)


def _is_decided(event: Event) -> bool:
    """As the event says it, since more may have been decided by now."""
    return int(event.data.get("approvals", 0)) >= int(event.data.get("needed", 0))


def _told(meant: Meaning, event: Event, deployment: Deployment, gate: Gate | None) -> Told:
    if meant.kind is Kind.GATE_WAITS and gate:
        return _of_gate(meant, deployment, gate)
    people = holders.who_may("deployments.view_deployment")
    if meant.kind is Kind.GATE_DECIDED:
        people = people.filter(pk=deployment.requested_by_id).exclude(username=event.actor)
    application, own, mend = deployment.environment.application_id, _own(deployment), _mend(meant.kind, deployment)
    chose = Q(pk__in=own | mend) | Q(notification_preference__applications=application)
    persons = tuple(
        person
        for person in with_preference(people.filter(chose).distinct().order_by("pk"))
        if wants(
            person,
            meant.kind,
            application,
            own=person.pk in own or (person.pk in mend and not leaves_out(person, application)),
        )
    )
    return _made(meant, deployment, gate, persons)


def _of_gate(meant: Meaning, deployment: Deployment, gate: Gate) -> Told:
    application = deployment.environment.application_id
    asked = tuple(
        person for person in deciders.of(gate) if wants(person, meant.kind) and not leaves_out(person, application)
    )
    return _made(meant, deployment, gate, asked)


def _own(deployment: Deployment) -> set[int]:
    """The users whom it concerns whatever they follow."""
    decided = Approval.objects.filter(gate__deployment=deployment).values_list("person", flat=True)
    return {deployment.requested_by_id, *decided}


def _mend(kind: Kind, deployment: Deployment) -> set[int]:
    """The users who could mend it, where something is to be mended."""
    if kind not in _MENDED:
        return set()
    return set(holders.who_turn_back(deployment.environment).values_list("pk", flat=True))


def _made(meant: Meaning, deployment: Deployment, gate: Gate | None, persons: tuple[User, ...]) -> Told:
    return Told(
        kind=meant.kind,
        key=meant.key,
        thread=meant.thread,
        persons=persons,
        channels=channels(meant.kind, deployment.environment),
        deployment=deployment.pk,
        gate=gate.pk if gate else None,
    )
