"""Applications whose releases register themselves: how, and what became of each version that was seen."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

from deployments.catalog.models.application import Application
from deployments.catalog.models.environment import Environment
from deployments.catalog.models.release import Release
from deployments.words import Name

LONGEST_PATTERN = 120
#: how the log calls who registers: no token's name begins so
SELF_REGISTRATION = "self-registration of "


class SelfRegistrationQuerySet(models.QuerySet["SelfRegistration"]):
    def due(self, now: datetime) -> "SelfRegistrationQuerySet":
        """The one that waits longest first, unless somebody looks; retired applications stay as they are."""
        free = models.Q(claimed_until__isnull=True) | models.Q(claimed_until__lte=now)
        return self.filter(free, due_at__lte=now, application__retired_at__isnull=True).order_by("due_at", "pk")


class SelfRegistration(models.Model):
    """One row for each application that has said so; without one its releases are registered by somebody."""

    application = models.OneToOneField(
        Application, on_delete=models.CASCADE, primary_key=True, related_name="self_registration"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+",
        help_text="Who answers for it: it can do nothing that they cannot, and they do not approve what it asks for.",
    )  # fmt: skip
    pattern = models.CharField(max_length=LONGEST_PATTERN, help_text="Of the tags, such as v{version}.")
    containers = models.JSONField(default=dict, help_text="Container name to repository of ECR, with its host.")
    deploy_to = models.ForeignKey(
        Environment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="Where the newest release is deployed at once. Empty: nowhere.",
    )  # fmt: skip
    strategy = models.CharField(
        max_length=40, blank=True, default="", db_default="", help_text="Empty: the environment's own."
    )
    changed_at = models.DateTimeField(help_text="Since when it is as it is.")
    due_at = models.DateTimeField(null=True, blank=True, db_index=True, help_text="When to look next.")
    claimed_until = models.DateTimeField(null=True, blank=True, help_text="While a worker looks.")
    attempts = models.PositiveIntegerField(default=0, db_default=0, help_text="In a row that AWS did not answer.")
    looked_at = models.DateTimeField(null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True, help_text="When AWS last told of a push.")
    says = models.TextField(blank=True, default="", db_default="", help_text="What is in the way, in a sentence.")

    objects = SelfRegistrationQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{SELF_REGISTRATION}{self.application.slug}"


class FoundVersion(models.Model):
    """A version that tags of the repositories name."""

    BEFORE, WAITING, REGISTERED, REFUSED = "before", "waiting", "registered", "refused"
    #: before: it was there when it was switched on, and is only registered when it is pushed again
    STATES: ClassVar = [(each, each) for each in (BEFORE, WAITING, REGISTERED, REFUSED)]

    registration = models.ForeignKey(SelfRegistration, on_delete=models.CASCADE, related_name="versions")
    version = models.CharField(max_length=80)
    tag = models.CharField(max_length=128)
    images = models.JSONField(default=dict, help_text="Container name to digest, as they were last seen.")
    pushed_at = models.DateTimeField(help_text="Of the newest of its images.")
    seen_at = models.DateTimeField(help_text="When the first of its images was seen.")
    state = models.CharField(max_length=10, choices=STATES)
    says = models.TextField(blank=True, default="", db_default="", help_text="What it waits for, or was refused for.")
    release = models.ForeignKey(Release, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_to_deploy = models.BooleanField(
        default=False, db_default=False, help_text="Registered, and its deployment is still to be asked for."
    )

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["registration", "version"], name="found_version_unique")]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(is_to_deploy=True), name="found_version_to_deploy"),
        ]

    def __str__(self) -> str:
        return Name(self.version)
