"""The event log: append-only and hash-chained, one chain an environment or application, and one of the people.

Every event holds the hash of the one before it in its chain, and the chain's row holds the newest hash and
the length, so that altering, removing or adding a row shows (`manage.py verify_events`).

The outbox stands beside it: what is still to be handed on.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import models

from deployments import leased
from deployments.languages.kept import of_json, written
from deployments.languages.told import told, told_pieces
from deployments.people.principal import by_way_of
from deployments.vocabulary import ActorKind


class Immutable(Exception):
    """A release or an event was about to be changed after it was written."""


class EventChain(models.Model):
    name = models.CharField(max_length=80, unique=True, help_text="Such as environment:3 or application:1.")
    length = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True, help_text="Hash of the newest event.")

    def __str__(self) -> str:
        return self.name


#: Events of version 1 verify as they did; none may follow one of version 2.
NEWEST_VERSION = 2


class Event(models.Model):
    chain = models.ForeignKey(EventChain, on_delete=models.PROTECT, related_name="events")
    number = models.PositiveIntegerField(help_text="Place in the chain, from 1.")
    at = models.DateTimeField()
    deployment = models.ForeignKey("deployments.Deployment", null=True, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=60)
    stage = models.CharField(max_length=40, blank=True)
    actor_kind = models.CharField(max_length=8, choices=ActorKind.choices(), default=ActorKind.SYSTEM)
    actor = models.CharField(max_length=150, blank=True)
    message = models.TextField()
    said = models.JSONField(
        default=list,
        db_default=[],
        help_text="The message in parts: id and values of what Tealgate says, and texts.",
    )
    data = models.JSONField(default=dict)
    version = models.PositiveSmallIntegerField(
        default=NEWEST_VERSION, db_default=1, help_text="What its hash is over; from 2 on the name of its chain too."
    )
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="event_number_unique_in_chain")]
        indexes = [models.Index(fields=["deployment", "id"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} UTC {self.message}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and not self._state.adding:
            raise Immutable("Events are append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Immutable("Events are append-only.")

    @property
    def told(self) -> str:
        """The message in the reader's language; as it was kept, else as it can be read."""
        pieces = of_json(self.said)
        return told_pieces(pieces) if pieces and written(pieces) == self.message else told(self.message)

    @property
    def by(self) -> str:
        """Who it was, in words: an agent and on whose behalf, a person by which terminal, or a job in which run."""
        said: dict[str, Any] = self.data
        if said.get("agent"):
            owner = said.get("on_behalf_of")
            return f"an agent ({self.actor}), on behalf of {owner}"
        if way := by_way_of(through=str(said.get("through") or ""), chat=str(said.get("chat") or "")):
            return f"{self.actor}{way}"
        if said.get("run") and self.actor_kind == ActorKind.TOKEN:
            return f"{self.actor}, {said['run']}"
        return self.actor or "tealgate"

    def computed_hash(self) -> str:
        """SHA-256 over every column that says something, and over the previous hash."""
        content: dict[str, Any] = {
            "chain": self.chain_id,
            "number": self.number,
            "at": self.at.isoformat(),
            "deployment": self.deployment_id,
            "kind": self.kind,
            "stage": self.stage,
            "actor_kind": str(self.actor_kind),
            "actor": self.actor,
            "message": self.message,
            "data": self.data,
            "previous": self.previous,
        }
        if self.version > 1:  # else a chain's events could be given to another by giving it that name
            content |= {"version": self.version, "chain_name": self.chain.name}
        return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class OutboxQuerySet(models.QuerySet["Outbox"]):
    def due(self, now: datetime) -> "OutboxQuerySet":
        """Their time has come, and nobody holds their lease; the oldest event first."""
        return self.filter(leased.free(now), due_at__lte=now).order_by("pk")


class Outbox(models.Model):
    """An event that not all receivers have taken yet. The row is the work item, and goes once they have."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, primary_key=True, related_name="+")
    due_at = models.DateTimeField(db_index=True)
    taken_by = models.JSONField(default=list, db_default=[], help_text="Receivers that have it already.")
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    lease_token = models.CharField(max_length=120, blank=True, default="", db_default="")
    lease_expires_at = models.DateTimeField(null=True, blank=True)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "outbox"

    def __str__(self) -> str:
        return f"Event {self.event_id}, for {self.attempts} attempts"


class HandedOn(models.Model):
    """That an event went to all receivers of whoever handed it on, and to which; kept for a day."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, primary_key=True, related_name="handed_on")
    at = models.DateTimeField(db_index=True)
    receivers = models.JSONField(default=list, db_default=[])

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Event {self.event_id}"
