"""Whether the rows that the log tells of are as it tells: what an unbroken chain alone cannot show.

A chain that was deleted whole, or cut and closed again, has no fault in itself; the deployment, approval or release
whose event is missing then still stands. And a row that was forged or altered differs from its event.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from deployments.catalog.models import Application, Environment, Release
from deployments.catalog.releases import contents
from deployments.delivery.models import Approval, Deployment
from deployments.record.append import PEOPLE
from deployments.record.models import Event
from deployments.vocabulary import ActorKind, Verdict

#: Rows in memory at a time.
CHUNK = 500
_KINDS = {Verdict.APPROVE.value: "gate.approved", Verdict.REJECT.value: "gate.rejected"}


def faults() -> Iterator[str]:
    """In sentences; none when everything fits."""
    yield from _deployments()
    yield from _approvals()
    yield from _approvals_gone()
    yield from _releases()
    yield from _retired(Environment.objects.select_related("application").order_by("pk"), "environment")
    yield from _retired(Application.objects.order_by("pk"), "application")


def _deployments() -> Iterator[str]:
    rows = Deployment.objects.select_related("environment__application", "release", "requested_by").order_by("pk")
    for deployment in rows.iterator(CHUNK):
        what = f"Deployment {deployment.pk} ({deployment})"
        chain = f"environment:{deployment.environment_id}"
        event = Event.objects.filter(deployment=deployment, kind="deployment.requested", chain__name=chain).first()
        if event is None:
            yield f"{what}: {chain} has no event of its request; it was removed, or the row was added."
            continue
        if event.data.get("plan_hash") != deployment.plan_hash:
            yield f"{what}: its plan is not the one that was requested; the row was altered."
        if not event.message.startswith(f"{deployment.release.version} requested by "):
            yield f"{what}: its event is of another release: {event.message}"
        yield from _asker(what, event, deployment)


def _asker(what: str, event: Event, deployment: Deployment) -> Iterator[str]:
    through = "" if event.actor_kind == ActorKind.PERSON else event.actor
    if through != deployment.requested_through:
        yield f"{what}: its event says that {event.actor} asked for it, the row says {deployment.requester}."
    elif not through:
        yield from _renamed(f"{what} was requested", event.actor, deployment.requested_by)


def _approvals() -> Iterator[str]:
    rows = Approval.objects.select_related("gate", "person").order_by("pk")
    for approval in rows.iterator(CHUNK):
        what = f"Approval {approval.pk} (deployment {approval.gate.deployment_id}, {approval.name})"
        told = Event.objects.filter(
            deployment=approval.gate.deployment_id,
            kind=_KINDS[approval.verdict],
            stage=approval.gate.stage,
            actor=approval.name,
        )
        if not told.exists():
            yield f"{what}: no event tells of it under this name; it was forged, or the name or its event was altered."
        else:
            yield from _renamed(f"{what} was given", approval.name, approval.person)


def _approvals_gone() -> Iterator[str]:
    """Events of decisions whose rows are gone, or stand under another name."""
    verdicts = {kind: verdict for verdict, kind in _KINDS.items()}
    told = Event.objects.filter(kind__in=verdicts).select_related("chain").order_by("pk")
    for event in told.iterator(CHUNK):
        rows = Approval.objects.filter(gate__deployment=event.deployment_id, gate__stage=event.stage)
        named = Q(person_name=event.actor) | Q(person_name="", person__username=event.actor)
        if not rows.filter(named, verdict=verdicts[event.kind]).exists():
            yield f"{event.chain.name} event {event.number}: the decision it tells of is gone. It says: {event.message}"


def _releases() -> Iterator[str]:
    rows = Release.objects.select_related("application").prefetch_related("images").order_by("pk")
    for release in rows.iterator(CHUNK):
        chain = f"application:{release.application_id}"
        event = Event.objects.filter(
            chain__name=chain,
            kind="release.registered",
            message=f"Release {release.version} registered by {release.registered_by}",
        ).first()
        if event is None:
            yield f"Release {release}: {chain} has no event of its registration; it was removed, or the row was added."
        elif event.data.get("bundle") != release.bundle or event.data.get("images", {}) != dict(release.pinned):
            yield f"Release {release}: its images or bundle are not those that were registered; the row was altered."
        elif event.data.get("task_definition") != contents(release, release.pinned).get("task_definition"):
            yield f"Release {release}: its task definition is not the one that was registered; the row was altered."


def _retired(rows: QuerySet[Any], noun: str) -> Iterator[str]:
    """Retired or in use as the newest event of either says: what is retired is seen by few."""
    for row in rows.iterator(CHUNK):
        kinds = (f"{noun}.retired", f"{noun}.brought_back")
        newest = Event.objects.filter(chain__name=row.place.chain, kind__in=kinds).order_by("-number").first()
        is_told = newest is not None and newest.kind == kinds[0]
        if row.is_retired != is_told:
            yield (
                f"{row.place.chain} ({row}): {'is' if row.is_retired else 'is not'} retired, and its events tell "
                "otherwise; the row was altered."
            )


def _renamed(what: str, name: str, person: User) -> Iterator[str]:
    """A name that the account has no longer, where no event tells how."""
    now = person.get_username()
    told = Event.objects.filter(
        chain__name=PEOPLE.name, kind="person.changed", data__person=person.pk, data__changed__username__before=name
    )
    if now != name and not told.exists():
        yield f"{what} by {name}, whose account is called {now} now, and no event tells of that."
