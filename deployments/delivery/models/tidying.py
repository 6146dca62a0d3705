"""Deregistering old task definitions of an environment: the work item, and what it came to the last time."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from deployments.catalog.models.environment import Environment
from deployments.delivery.models.deployment import Deployment
from deployments.delivery.models.move import Move
from deployments.vocabulary import MoveStatus


class TidyingQuerySet(models.QuerySet["Tidying"]):
    def due(self, now: datetime) -> "TidyingQuerySet":
        """The one that waits longest first. Where something is under way, its end has it done; retired ones stay."""
        deploying = Deployment.objects.unfinished().values("environment")
        moving = Move.objects.filter(status=MoveStatus.UNDER_WAY).values("environment")
        busy = Q(environment__in=deploying) | Q(environment__in=moving)
        in_use = Q(environment__retired_at__isnull=True)
        return self.filter(in_use, due_at__lte=now).exclude(busy).order_by("due_at", "pk")


class Tidying(models.Model):
    environment = models.OneToOneField(Environment, on_delete=models.CASCADE, primary_key=True, related_name="tidying")
    deployment = models.ForeignKey(
        Deployment, on_delete=models.PROTECT, related_name="+", help_text="The last one that ended well."
    )
    due_at = models.DateTimeField(null=True, blank=True, db_index=True, help_text="Empty: there is nothing to do.")
    attempts = models.PositiveIntegerField(default=0, db_default=0, help_text="In a row that AWS did not answer.")
    begun = models.CharField(
        max_length=255, blank=True, default="", db_default="", help_text="ARN that AWS was last asked to deregister."
    )
    says = models.TextField(blank=True, default="", db_default="", help_text="What became of it, in a sentence.")
    looked_at = models.DateTimeField(null=True, blank=True)

    objects = TidyingQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "tidyings"

    def __str__(self) -> str:
        return f"Old task definitions of {self.environment_id}"
