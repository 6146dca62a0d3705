"""Appending to the hash-chained event log, inside the transaction that makes the change it tells of."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from django.conf import settings
from django.db import IntegrityError, transaction

from deployments.languages.kept import kept
from deployments.people.principal import SYSTEM, Principal
from deployments.record.kinds import known
from deployments.record.models import Event, EventChain, Outbox


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in the log an event stands: its chain, and the deployment that it tells of, at which stage."""

    chain: str
    deployment_id: int | None = None
    stage: str = ""


class Subject(Protocol):
    """What an event can be about."""

    @property
    def place(self) -> Place: ...


@dataclass(frozen=True)
class Chain:
    """A subject without a row."""

    name: str

    @property
    def place(self) -> Place:
        return Place(chain=self.name)


#: Accounts, groups and rights, which belong to no environment.
PEOPLE: Final = Chain("people")


def append_event(
    subject: Subject,
    kind: str,
    message: str,
    *,
    now: datetime,
    principal: Principal = SYSTEM,
    stage: str = "",
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Add one event to its subject's chain. `kind` is one of `kinds.Kind`, or that of a write on AWS.

    The chain's row is locked first: writers of one chain queue up behind each other until the transaction
    ends, on PostgreSQL by the row and on SQLite by the database.

    Where the settings name a receiver, a row of the outbox is written with it; without one there is none, so that
    nothing grows that nobody reads.

    Raises UnknownKind.
    """
    place = subject.place
    chain = _chain(place.chain)
    event = Event(
        chain=chain,
        number=chain.length + 1,
        at=now.astimezone(UTC),  # as it will be read again, because the hash is over its text
        deployment_id=place.deployment_id,
        kind=known(kind),
        stage=stage or place.stage,
        actor_kind=principal.kind,
        actor=principal.name,
        message=message,
        said=kept(message),
        data={**(data or {}), **principal.marks},
        previous=chain.head,
    )
    event.hash = event.computed_hash()
    event.save()
    EventChain.objects.filter(pk=chain.pk).update(head=event.hash, length=event.number)
    if settings.OUTBOX_RECEIVERS:
        Outbox.objects.create(event=event, due_at=now)
    return event


def _chain(name: str) -> EventChain:
    """Locked until the transaction ends."""
    chains = EventChain.objects.select_for_update()
    try:
        return chains.get(name=name)
    except EventChain.DoesNotExist:
        with suppress(IntegrityError), transaction.atomic():  # another writer may make it in the same moment
            return EventChain.objects.create(name=name)
        return chains.get(name=name)
