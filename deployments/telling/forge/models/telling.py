"""What a forge knows of a deployment, and is to be told: the row is the work item, and stays as the record."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from deployments import leased
from deployments.delivery.models import Deployment
from deployments.telling.forge.models.repository import ForgeRepository
from deployments.telling.forge.models.resting import awake

#: How what is said of a row begins that was tried for long enough.
GIVEN_UP = "Given up"
#: So is whatever somebody holds: it is told before that is over.
_asked = Q(due_at__isnull=False)


class ForgeTellingQuerySet(models.QuerySet["ForgeTelling"]):
    def due(self, now: datetime, given_up_before: datetime) -> "ForgeTellingQuerySet":
        """There may be something to tell, and neither connection nor repository rests; or it is given up."""
        up = awake(now, "repository__") & awake(now, "repository__forge__")
        return self.claimable(now).filter(up | Q(asked_at__lt=given_up_before)).order_by("due_at", "pk")

    def claimable(self, now: datetime) -> "ForgeTellingQuerySet":
        """As far as its own row says, which is all that a claim may go by."""
        return self.filter(leased.free(now), due_at__lte=now)

    def given_up(self) -> "ForgeTellingQuerySet":
        return self.filter(due_at=None, said__startswith=GIVEN_UP)

    def held(self, now: datetime) -> "ForgeTellingQuerySet":
        return self.filter(_asked, leased.held(now))


class ForgeTelling(models.Model):
    deployment = models.OneToOneField(Deployment, on_delete=models.CASCADE, related_name="forge_telling")
    repository = models.ForeignKey(ForgeRepository, on_delete=models.CASCADE, related_name="tellings")
    asked_at = models.DateTimeField(help_text="When an event last said that there may be something to tell.")
    asks = models.PositiveIntegerField(default=0, help_text="Raised by each such event, so that none is overlooked.")
    due_at = models.DateTimeField(null=True, blank=True, help_text="Empty: all is told.")
    begun = models.CharField(max_length=40, blank=True, default="", help_text="The step that it was about to take.")
    begun_at = models.DateTimeField(null=True, blank=True, help_text="When it was first about to be created there.")
    forge_id = models.CharField(max_length=40, blank=True, default="", help_text="Its id there.")
    sha = models.CharField(max_length=64, blank=True, default="", help_text="The whole commit, as the forge has it.")
    told = models.CharField(max_length=20, blank=True, default="", help_text="Its state there.")
    commit_told = models.CharField(max_length=20, blank=True, default="", help_text="The state of its commit there.")
    told_at = models.DateTimeField(null=True, blank=True)
    said = models.TextField(blank=True, default="", help_text="What went wrong at the last try, in sentences.")
    failures = models.PositiveIntegerField(default=0)
    lease_token = models.CharField(max_length=120, blank=True, default="")
    lease_expires_at = models.DateTimeField(null=True, blank=True)

    objects = ForgeTellingQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["due_at"], condition=_asked, name="forge_telling_due")]

    def __str__(self) -> str:
        return f"Of deployment {self.deployment_id} to {self.repository}"
