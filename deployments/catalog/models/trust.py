"""Trust in a CI: whose jobs are given a token for a quarter of an hour, without a secret that somebody keeps."""

from datetime import datetime

from django.conf import settings
from django.db import models

from deployments.catalog.models.application import Application
from deployments.catalog.models.environment import Environment
from deployments.words import Name

LONGEST_NAME = 60
LONGEST_ACTOR = 150


class Trust(models.Model):
    """It never changes: another one is made in its place, so that what it said when it was used can be looked up."""

    name = models.CharField(max_length=LONGEST_NAME, help_text="As the log and the pages call it.")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="trusts",
        help_text="Who answers for it. Its jobs can do nothing that they cannot.",
    )  # fmt: skip
    issuer = models.CharField(max_length=255, help_text="As the ID token says it, to the letter.")
    audience = models.CharField(max_length=255, help_text="As the ID token says it, to the letter.")
    claims = models.JSONField(default=dict, help_text="What has to stand in the ID token; * for a part of it.")
    scopes = models.JSONField(default=list, help_text="Names from people/scopes.py.")
    applications = models.ManyToManyField(
        Application, blank=True, related_name="+", help_text="The only ones that it registers releases of."
    )
    environments = models.ManyToManyField(
        Environment, blank=True, related_name="+", help_text="The only ones that it changes anything in."
    )
    made_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ("add", "change", "view")
        ordering = ["-made_at", "-id"]
        verbose_name = "CI trust"
        verbose_name_plural = "CI trust"
        constraints = [models.UniqueConstraint(fields=["name"], name="trust_unique_name")]
        indexes = [models.Index(fields=["issuer"], name="trust_issuer")]

    def __str__(self) -> str:
        return Name(self.name)

    @property
    def is_good(self) -> bool:
        return self.ended_at is None and self.owner.is_active


class JobToken(models.Model):
    """What a job was given. It reaches as far as its trust does now, and is deleted some time after it is over."""

    trust = models.ForeignKey(Trust, on_delete=models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the token, in hex.")
    given_for = models.CharField(
        max_length=64, default="", db_default="", editable=False, help_text="Digest of the used ID token."
    )
    name = models.CharField(max_length=LONGEST_ACTOR, help_text="The job, as the log says it: the same for each run.")
    run = models.CharField(max_length=100, blank=True)
    run_url = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return Name(self.name)

    def is_good(self, now: datetime) -> bool:
        return now < self.expires_at and self.trust.is_good


class UsedIdToken(models.Model):
    """An ID token that was exchanged already, for as long as it could be sent again."""

    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 over issuer and jti, or over the token.")
    until = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest


class IssuerKeys(models.Model):
    """An issuer's public keys as they were read, for all processes."""

    issuer = models.CharField(max_length=255, unique=True)
    keys = models.JSONField(default=list, help_text="JSON Web Keys.")
    fetched_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True, help_text="Also when there was no answer.")
    trouble = models.TextField(blank=True, help_text="Of the last time that it was asked; empty: none.")

    class Meta:
        default_permissions = ()
        verbose_name_plural = "issuer keys"

    def __str__(self) -> str:
        return self.issuer
