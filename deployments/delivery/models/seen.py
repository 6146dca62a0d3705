"""What was seen of a deployment on its way: its steps, and what was measured."""

from datetime import datetime
from typing import Any

from django.db import models

from deployments.delivery.models.deployment import Deployment
from deployments.vocabulary import Outcome, Slot, Stage


class StageRun(models.Model):
    """One step of the timeline that people look at."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="stage_runs")
    stage = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    percent = models.PositiveSmallIntegerField(null=True, blank=True)
    rolling_back = models.BooleanField(default=False)
    attempt = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices(), default=Outcome.RUNNING)
    detail = models.TextField(blank=True, help_text="What is or was seen, in a sentence.")
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["deployment", "rolling_back", "attempt", "position"], name="stage_run_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage} of deployment {self.deployment_id}"

    @property
    def label(self) -> str:
        try:
            return Stage(self.stage).label
        except ValueError:  # AWS adds stages
            return self.stage


class Measurement(models.Model):
    """What one look at AWS measured of one slot: the points of the live chart, kept as evidence."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="measurements")
    at = models.DateTimeField()
    slot = models.CharField(max_length=5, choices=Slot.choices())
    percent = models.FloatField(null=True, help_text="Share of production traffic.")
    healthy = models.PositiveIntegerField(null=True)
    targets = models.PositiveIntegerField(null=True)
    requests = models.PositiveIntegerField(null=True, help_text="Since the step's traffic moved.")
    errors_5xx = models.PositiveIntegerField(null=True)
    latency_ms = models.FloatField(null=True)

    class Meta:
        ordering = ["at", "slot"]
        indexes = [models.Index(fields=["deployment", "at"])]

    def __str__(self) -> str:
        return f"{self.slot} at {self.at}"

    @classmethod
    def from_data(cls, deployment: Deployment, at: datetime, slot: Slot, data: dict[str, Any]) -> "Measurement":
        return cls(deployment=deployment, at=at, slot=slot, **data)
