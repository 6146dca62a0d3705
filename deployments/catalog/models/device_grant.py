"""Somebody at a terminal asks to be signed in, as RFC 8628 has it: what is kept until a person said yes or no."""

from datetime import datetime

from django.conf import settings
from django.db import models

from deployments.people.token_words import GrantStatus

LONGEST_CLIENT = 50


class DeviceGrant(models.Model):
    device_digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256, in hex.")
    user_digest = models.CharField(max_length=64, editable=False, help_text="HMAC of what the person types, in hex.")
    client = models.CharField(max_length=LONGEST_CLIENT, help_text="As the client calls itself.")
    address = models.CharField(max_length=64, help_text="Where it asked from.")
    asked_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField()
    interval = models.PositiveSmallIntegerField(help_text="Seconds between two questions of the client.")
    polled_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=8, choices=GrantStatus.choices(), default=GrantStatus.PENDING)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="Who allowed or denied it.",
    )  # fmt: skip
    decided_at = models.DateTimeField(null=True, blank=True)
    session_hash = models.CharField(
        max_length=64, blank=True, editable=False, help_text="Of who allowed it, at that moment."
    )

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user_digest"], name="device_grant_one_a_code")]

    def __str__(self) -> str:
        return f"{self.client} at {self.address}"

    def has_expired(self, now: datetime) -> bool:
        return now >= self.expires_at
