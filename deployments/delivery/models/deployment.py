"""A deployment is a row, not a running function: everything needed to go on is in its columns."""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Concat

from deployments import leased
from deployments.catalog.models.environment import Environment
from deployments.catalog.models.release import Release
from deployments.catalog.models.self_registration import SELF_REGISTRATION
from deployments.record.append import Place
from deployments.vocabulary import (
    ROLLING_BACK_STATUSES,
    TERMINAL_STATUSES,
    UNFINISHED_STATUSES,
    DeploymentKind,
    Slot,
    Stage,
    Status,
    Strategy,
)

LONGEST_REASON = 500
#: name of the constraint
ONE_UNFINISHED = "deployment_one_unfinished_per_environment"

#: Who asked for it, for queries: a person, or an agent and on whose behalf.
REQUESTER = Case(
    When(
        requested_by_agent=True,
        then=Concat(Value("an agent ("), "requested_through", Value("), on behalf of "), "requested_by__username"),
    ),
    default=F("requested_by__username"),
)

_unfinished = Q(status__in=sorted(UNFINISHED_STATUSES))


class _InTheQuery(Value):
    """Written there, and not sent beside it: SQLite takes a partial index only for its condition word for word."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return f"'{self.value}'", ()


class DeploymentQuerySet(models.QuerySet["Deployment"]):
    def unfinished(self) -> "DeploymentQuerySet":
        return self.filter(status__in=[_InTheQuery(status.value) for status in sorted(UNFINISHED_STATUSES)])

    def due(self, now: datetime) -> "DeploymentQuerySet":
        """Unfinished, its time has come, and nobody holds its lease."""
        return self.unfinished().filter(leased.free(now), next_check_at__lte=now)


def _new_key() -> str:
    return secrets.token_hex(8)


class Deployment(models.Model):
    key = models.CharField(
        max_length=16,
        unique=True,
        default=_new_key,
        editable=False,
        help_text="Names what this deployment makes on AWS. Unlike the number it is never used again, "
        "not after a restored backup and not by another Tealgate.",
    )
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="deployments")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="deployments")
    source_release = models.ForeignKey(
        Release, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="What was live before; empty when Tealgate had not deployed here.",
    )  # fmt: skip
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_through = models.CharField(
        max_length=150,
        blank=True,
        default="",
        db_default="",
        help_text="The token that asked for them; empty = none.",
    )
    requested_by_agent = models.BooleanField(
        default=False, db_default=False, help_text="Whether that token acts for an agent."
    )
    requested_run = models.CharField(
        max_length=100, blank=True, default="", db_default="", help_text="Of a CI's job: which run of it asked."
    )
    requested_run_url = models.CharField(
        max_length=500, blank=True, default="", db_default="", help_text="Of a CI's job: the run's page there."
    )
    request_key = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False,
        help_text="Of a request that may be sent twice: there is one deployment of it.",
    )  # fmt: skip
    reason = models.CharField(max_length=500)
    strategy = models.CharField(max_length=40, choices=Strategy.choices())
    kind = models.CharField(
        max_length=10, choices=DeploymentKind.choices(), default=DeploymentKind.NORMAL,
        db_default=DeploymentKind.NORMAL.value,
    )  # fmt: skip

    plan = models.JSONField(help_text="The frozen steps, shown before anyone confirmed.")
    plan_hash = models.CharField(max_length=64)
    settings = models.JSONField(help_text="The environment's settings as they were when it was requested.")

    status = models.CharField(max_length=24, choices=Status.choices(), default=Status.PENDING)
    status_reason = models.TextField(blank=True, help_text="Why it has this status, in a sentence.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Index into the plan, or into the way back.")
    stage = models.CharField(max_length=40, default=Stage.RECONCILE_SERVICE)
    waiting_for = models.TextField(blank=True, help_text="What the engine last said it waits for.")

    source_slot = models.CharField(max_length=5, blank=True, choices=Slot.choices())
    target_slot = models.CharField(max_length=5, blank=True, choices=Slot.choices())
    facts = models.JSONField(
        default=dict, help_text="What was found or made on AWS so far: the document of its controller's facts."
    )
    percent = models.FloatField(default=0, db_default=0.0, help_text="Share of production traffic on the target.")
    preflight = models.JSONField(default=list, db_default=[], help_text="What preflight found, check by check.")
    targets = models.JSONField(default=list, db_default=[], help_text="What CodeDeploy tells of each target.")
    failure = models.JSONField(
        null=True, blank=True, help_text="What was seen of the target before its traces were cleaned away."
    )
    checked = models.JSONField(
        null=True, blank=True, help_text="What preflight was asked about, for the deployments that follow."
    )
    intent = models.JSONField(null=True, blank=True, help_text="The write being made; null when none is under way.")

    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    step_started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    source_kept_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then the source is warm and Roll back is one write."
    )

    gone_on_from = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Index into the plan of the step whose watch somebody has cut short."
    )
    watched_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then what was seen at the last look stands for what goes on."
    )
    next_check_at = models.DateTimeField(null=True, blank=True)
    clicks = models.PositiveIntegerField(default=0, help_text="Raised by every click, so that none is overwritten.")
    events_heard = models.PositiveIntegerField(
        default=0,
        db_default=0,
        db_column="tellings",
        help_text="Raised by every event about it that AWS told of while people think.",
    )
    lease_token = models.CharField(max_length=120, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0, help_text="How often a failed roll back was tried again.")
    waits = models.PositiveIntegerField(default=0, help_text="Waits in a row at this step; the poll backs off by it.")
    failures = models.PositiveIntegerField(default=0, help_text="Transient AWS errors in a row.")

    objects = DeploymentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["environment"],
                condition=_unfinished,
                name=ONE_UNFINISHED,
            ),
            models.UniqueConstraint(
                fields=["request_key"], condition=~Q(request_key=""), name="deployment_one_of_a_request"
            ),
        ]
        indexes = [
            # For DeploymentQuerySet.due(): the heartbeat asks every second.
            models.Index(fields=["next_check_at"], condition=_unfinished, name="deployment_due"),
        ]
        permissions = [
            ("stop_deployment", "Can stop and roll back a deployment"),
            ("repair_deployment", "Can deploy as a repair where production is sick"),
            ("first_deployment", "Can deploy as a first release where nothing runs"),
        ]

    def __str__(self) -> str:
        return f"{self.release.version} to {self.environment.told_apart}"

    @property
    def requester(self) -> str:
        """Who asked for it, in words: a person, and by which token or job of a CI; or an agent, and on whose behalf."""
        username = self.requested_by.get_username()
        if self.requested_by_agent:
            return f"an agent ({self.requested_through}), on behalf of {username}"
        if self.requested_run:
            return f"{username}, by CI: {self.requested_through}, {self.requested_run}"
        if self.requested_through.startswith(SELF_REGISTRATION):
            return f"{username}, by {self.requested_through}"
        return f"{username}, by the token {self.requested_through}" if self.requested_through else username

    @property
    def place(self) -> Place:
        """Of its events in the log: its environment's chain."""
        return Place(chain=f"environment:{self.environment_id}", deployment_id=self.pk, stage=self.stage)

    @property
    def is_terminal(self) -> bool:
        return self.status in TERMINAL_STATUSES

    @property
    def is_rolling_back(self) -> bool:
        return self.status in ROLLING_BACK_STATUSES

    @property
    def can_be_stopped(self) -> bool:
        return self.status in (Status.PENDING, Status.IN_PROGRESS)

    @property
    def is_warm(self) -> bool:
        """All traffic is on the target and the source still runs: Roll back is one write."""
        return self.status == Status.IN_PROGRESS and self.source_kept_until is not None

    @property
    def roles(self) -> dict[Slot, str]:
        """Slot to "source" or "target"; empty until the live slot was read."""
        if not self.target_slot:
            return {}
        return {Slot(self.source_slot): "source", Slot(self.target_slot): "target"}
