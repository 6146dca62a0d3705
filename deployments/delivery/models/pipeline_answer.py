"""What CodePipeline is to be told of a deployment: the row is the work item, and stays as the record."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from deployments import leased
from deployments.catalog.models.answering import LONGEST_ACTION, AnsweredWhen
from deployments.delivery.models.deployment import Deployment
from deployments.vocabulary import GateStatus

_open = Q(closed_at__isnull=True)


class PipelineAnswerQuerySet(models.QuerySet["PipelineAnswer"]):
    def due(self, now: datetime) -> "PipelineAnswerQuerySet":
        """There may be something to tell, its time has come, and nobody holds its lease."""
        ended = Q(deployment__finished_at__isnull=False)
        approved = Q(when=AnsweredWhen.GATES, deployment__gates__status=GateStatus.SUCCEEDED)
        return self.claimable(now).filter(ended | approved, deployment__environment__retired_at=None).distinct()

    def claimable(self, now: datetime) -> "PipelineAnswerQuerySet":
        """As far as its own row says, which is all that a claim may go by: two of them are told apart by its lock."""
        return self.filter(_open, leased.free(now), due_at__lte=now)

    def waiting(self) -> "PipelineAnswerQuerySet":
        return self.filter(_open)


class PipelineAnswer(models.Model):
    deployment = models.OneToOneField(Deployment, on_delete=models.CASCADE, related_name="pipeline_answer")
    action = models.CharField(max_length=LONGEST_ACTION, help_text="ARN of the action that waits.")
    when = models.CharField(max_length=5, choices=AnsweredWhen.choices())
    due_at = models.DateTimeField()
    begun_for = models.CharField(
        max_length=36, blank=True, help_text="The pipeline's execution that it was about to be given to."
    )
    told = models.CharField(max_length=8, blank=True, help_text="Approved or Rejected, once it came through.")
    said = models.TextField(blank=True, help_text="What the last look found, in sentences.")
    closed_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=120, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)

    objects = PipelineAnswerQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["due_at"], condition=_open, name="pipeline_answer_due")]

    def __str__(self) -> str:
        return f"Of deployment {self.deployment_id} to {self.action}"
