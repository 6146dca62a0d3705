"""Appending to the hash-chained event log, inside the transaction that makes the change it tells of."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from deployments.models import Application, Deployment, Environment, Event, EventChain
from deployments.vocabulary import ActorKind


@dataclass(frozen=True)
class Actor:
    kind: ActorKind
    name: str

    @classmethod
    def person(cls, user: User) -> Self:
        return cls(ActorKind.PERSON, user.get_username())


SYSTEM = Actor(ActorKind.SYSTEM, "tealgate")


def append_event(
    subject: Deployment | Environment | Application,
    kind: str,
    message: str,
    *,
    now: datetime,
    actor: Actor = SYSTEM,
    stage: str = "",
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Add one event to its environment's (or application's) chain.

    The chain's row is locked first: writers of one chain queue up behind each other until the transaction
    ends, on PostgreSQL by the row and on SQLite by the database.
    """
    deployment = subject if isinstance(subject, Deployment) else None
    chain = _chain(subject)
    event = Event(
        chain=chain,
        number=chain.length + 1,
        at=now.astimezone(UTC),  # as it will be read again, because the hash is over its text
        deployment=deployment,
        kind=kind,
        stage=stage or (deployment.stage if deployment else ""),
        actor_kind=actor.kind,
        actor=actor.name,
        message=message,
        data=dict(data or {}),
        previous=chain.head,
    )
    event.hash = event.computed_hash()
    event.save()
    EventChain.objects.filter(pk=chain.pk).update(head=event.hash, length=event.number)
    return event


def _chain(subject: Deployment | Environment | Application) -> EventChain:
    """Locked until the transaction ends."""
    chains, name = EventChain.objects.select_for_update(), _chain_name(subject)
    try:
        return chains.get(name=name)
    except EventChain.DoesNotExist:
        with suppress(IntegrityError), transaction.atomic():  # another writer may make it in the same moment
            return EventChain.objects.create(name=name)
        return chains.get(name=name)


def _chain_name(subject: Deployment | Environment | Application) -> str:
    if isinstance(subject, Application):
        return f"application:{subject.pk}"
    return f"environment:{subject.environment_id if isinstance(subject, Deployment) else subject.pk}"
