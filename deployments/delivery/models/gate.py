from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Exists, OuterRef

from deployments.delivery.models.deployment import Deployment
from deployments.people import rights
from deployments.people.principal import Principal, by_way_of
from deployments.record.lengths import at_most
from deployments.vocabulary import GateStatus, TimeoutAction, Verdict

LONGEST_COMMENT = 2_000


class GateQuerySet(models.QuerySet["Gate"]):
    def open(self) -> "GateQuerySet":
        return self.filter(status=GateStatus.AWAITING_ACTION)

    def for_person(self, principal: Principal) -> list["Gate"]:
        """Open gates that they may decide and have not yet; as many queries for a hundred as for one."""
        if rights.decide_refusal(principal):
            return []
        gates = (
            self.open()
            .select_related(
                "deployment__environment__application",
                "deployment__release",
                "deployment__source_release",
                "deployment__requested_by",
            )
            # Every page asks this, and a release's task definition can be longer than all else of it.
            .defer("deployment__release__task_definition", "deployment__source_release__task_definition")
            .prefetch_related("groups", "approvals")
        )
        return [gate for gate in gates if not rights.decide_refusal(principal, gate.deciders)]


class Gate(models.Model):
    """A pause that people answer. What it asks for was frozen with the deployment's plan."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="gates")
    stage = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=20, choices=GateStatus.choices(), default=GateStatus.AWAITING_ACTION)
    approvals_needed = models.PositiveSmallIntegerField(default=1)
    groups = models.ManyToManyField(Group, blank=True, related_name="+")
    requester_may_approve = models.BooleanField(default=False)
    timeout_action = models.CharField(max_length=10, choices=TimeoutAction.choices(), default=TimeoutAction.ROLLBACK)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    held_until = models.DateTimeField(
        null=True, blank=True, help_text="When AWS goes on or back by itself, if it does."
    )
    lost = models.TextField(blank=True, default="", db_default="", help_text="When nobody could decide, in a sentence.")
    closed_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="Why it ended as it did.")
    evidence = models.JSONField(default=dict)
    plan_hash = models.CharField(max_length=64)

    objects = GateQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["deployment"],
                condition=models.Q(status=GateStatus.AWAITING_ACTION),
                name="gate_one_open_per_deployment",
            ),
            models.UniqueConstraint(fields=["deployment", "position"], name="gate_one_per_position"),
        ]
        permissions = [("decide_gate", "Can approve or reject at gates")]

    def __str__(self) -> str:
        return f"Gate at {self.stage} of {self.deployment}"

    @property
    def is_open(self) -> bool:
        return self.status == GateStatus.AWAITING_ACTION

    def has_expired(self, now: datetime) -> bool:
        return now >= self.expires_at

    @property
    def deciders(self) -> rights.Deciders:
        return rights.Deciders(
            requester_id=self.deployment.requested_by_id,
            requester_may_approve=self.requester_may_approve,
            groups=frozenset(group.name for group in self.groups.all()),
            decided=frozenset(approval.person_id for approval in self.approvals.all()),
        )


class Approval(models.Model):
    """One person's decision, with the evidence that was on the page at that moment."""

    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="approvals")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    person_name = models.CharField(
        max_length=150, default="", db_default="", blank=True, help_text="As the account was called at that moment."
    )
    through = models.CharField(
        max_length=60, default="", db_default="", blank=True,
        help_text="The token by which they decided through the API; empty = on the page.",
    )  # fmt: skip
    chat = models.CharField(
        max_length=160, default="", db_default="", blank=True,
        help_text="The account of a chat by which they decided there; empty = on the page.",
    )  # fmt: skip
    verdict = models.CharField(max_length=8, choices=Verdict.choices())
    comment = models.TextField(max_length=LONGEST_COMMENT, blank=True)
    evidence = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["gate", "person"], name="approval_once_per_person"),
            at_most("comment", LONGEST_COMMENT, name="approval_comment_length"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.verdict}"

    @property
    def name(self) -> str:
        """Of its time; rows from before that was kept have the name of now."""
        return self.person_name or self.person.get_username()

    @property
    def way(self) -> str:
        """What follows the name: by which way they decided; "" on the page."""
        return by_way_of(through=self.through, chat=self.chat)


def with_waiting(deployments: "models.QuerySet[Deployment]") -> "models.QuerySet[Any]":
    """With `is_waiting`: whether it is people who are waited for. Its status alone says that it goes on."""
    return deployments.annotate(is_waiting=Exists(Gate.objects.open().filter(deployment=OuterRef("pk"))))
