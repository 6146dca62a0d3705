from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, User
from django.db import models

from deployments.delivery.models.deployment import Deployment
from deployments.vocabulary import GateStatus, TimeoutAction, Verdict
from deployments.words import joined


class GateQuerySet(models.QuerySet["Gate"]):
    def open(self) -> "GateQuerySet":
        return self.filter(status=GateStatus.AWAITING_ACTION)

    def for_person(self, person: User) -> list["Gate"]:
        """Open gates that this person may decide and has not yet; as many queries for a hundred as for one."""
        if not person.has_perm("deployments.decide_gate"):
            return []
        gates = (
            self.open()
            .select_related("deployment__environment__application", "deployment__release")
            .prefetch_related("groups", "approvals")
        )
        if not gates:
            return []
        mine = set(person.groups.values_list("name", flat=True))
        return [gate for gate in gates if not gate.refusal_for(person, mine)]


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
    def approvals_given(self) -> int:
        return self.approvals.filter(verdict=Verdict.APPROVE).count()

    def refusal_for(self, person: AbstractBaseUser | AnonymousUser, member_of: Collection[str] | None = None) -> str:
        """Why this person may not decide here, in a sentence; "" when they may. `member_of`: their groups, if known."""
        if not isinstance(person, User):
            return "Sign in to decide."
        if person.pk == self.deployment.requested_by_id and not self.requester_may_approve:
            return "You asked for this deployment, so somebody else has to decide on it."
        if not person.has_perm("deployments.decide_gate"):
            return "You do not have the right to approve; ask an administrator for it."
        names = sorted(group.name for group in self.groups.all())
        if names and not set(names) & set(_groups_of(person) if member_of is None else member_of):
            return f"Only members of {joined(names, 'or')} may decide at this gate."
        if any(approval.person_id == person.pk for approval in self.approvals.all()):
            return "You have already decided at this gate."
        return ""


def _groups_of(person: User) -> Collection[str]:
    return person.groups.values_list("name", flat=True)


class Approval(models.Model):
    """One person's decision, with the evidence that was on the page at that moment."""

    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="approvals")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=8, choices=Verdict.choices())
    comment = models.TextField(blank=True)
    evidence = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["gate", "person"], name="approval_once_per_person")]

    def __str__(self) -> str:
        return f"{self.person} {self.verdict}"
