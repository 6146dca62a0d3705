"""A job on the forge that waits for a gate here: what it asked, and what it was answered."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from deployments import leased
from deployments.delivery.models import Deployment
from deployments.telling.forge.models.connection import Forge
from deployments.telling.forge.models.repository import ForgeRepository
from deployments.telling.forge.models.resting import awake

_open = Q(closed_at__isnull=True)


class ForgeQuestionQuerySet(models.QuerySet["ForgeQuestion"]):
    def due(self, now: datetime) -> "ForgeQuestionQuerySet":
        return self.claimable(now).filter(awake(now, "forge__")).order_by("due_at", "pk")

    def claimable(self, now: datetime) -> "ForgeQuestionQuerySet":
        """As far as its own row says, which is all that a claim may go by."""
        return self.filter(_open, leased.free(now), due_at__lte=now)

    def held(self, now: datetime) -> "ForgeQuestionQuerySet":
        return self.filter(_open, leased.held(now))

    def waiting(self) -> "ForgeQuestionQuerySet":
        return self.filter(_open)


class ForgeQuestion(models.Model):
    forge = models.ForeignKey(Forge, on_delete=models.CASCADE, related_name="questions")
    repository = models.ForeignKey(
        ForgeRepository, null=True, blank=True, on_delete=models.CASCADE, related_name="questions",
        help_text="Empty: none that this connection knows.",
    )  # fmt: skip
    delivery = models.CharField(max_length=64, help_text="The webhook's id.")
    number = models.CharField(max_length=20, help_text="The forge's id of the deployment that asks.")
    named = models.CharField(max_length=255, help_text="The repository, as the forge calls it.")
    environment = models.CharField(max_length=255, help_text="As the forge calls it.")
    sha = models.CharField(max_length=64)
    callback_url = models.CharField(max_length=1000)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    deployment = models.ForeignKey(
        Deployment, null=True, blank=True, on_delete=models.CASCADE, related_name="forge_questions",
        help_text="What it was answered by.",
    )  # fmt: skip
    reports = models.PositiveSmallIntegerField(default=0, help_text="How often it was told why it still waits.")
    reported = models.TextField(blank=True, default="", help_text="What it was told last.")
    begun = models.CharField(max_length=10, blank=True, default="", help_text="The answer that was about to be given.")
    answered = models.CharField(max_length=10, blank=True, default="", help_text="approved or rejected.")
    comment = models.TextField(blank=True, default="", help_text="What it was answered with.")
    said = models.TextField(blank=True, default="", help_text="What went wrong at the last try, in sentences.")
    failures = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=120, blank=True, default="")
    lease_expires_at = models.DateTimeField(null=True, blank=True)

    objects = ForgeQuestionQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["forge", "delivery"], name="forge_question_once_a_delivery"),
            # The header that names a delivery is not signed, the body is.
            models.UniqueConstraint(fields=["forge", "number", "environment"], name="forge_question_once_a_deployment"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=_open, name="forge_question_due")]

    def __str__(self) -> str:
        return f"{self.named} asks for {self.environment}"
