"""Somewhere that a team reads."""

from django.conf import settings
from django.db import models

from deployments.catalog.models import Application, Environment
from deployments.telling.notifications import kinds
from deployments.words import Name

LONGEST_NAME = 60


class NotificationChannel(models.Model):
    name = models.CharField(max_length=LONGEST_NAME)
    applications = models.ManyToManyField(Application, blank=True, related_name="+")
    environments = models.ManyToManyField(Environment, blank=True, related_name="+")
    is_for_some = models.BooleanField(
        default=False, help_text="Whether applications or environments were named, also when they are gone since."
    )
    kinds = models.JSONField(default=kinds.for_channels, help_text="Names from kinds.py.")
    is_operations = models.BooleanField(default=False, help_text="It hears what is about Tealgate itself.")
    language = models.CharField(
        max_length=10, blank=True, default="", db_default="", help_text="As the settings name it; empty: English."
    )
    is_on = models.BooleanField(default=True)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        verbose_name = "notification channel"
        constraints = [models.UniqueConstraint(fields=["name"], name="notification_channel_unique_name")]

    def __str__(self) -> str:
        return Name(self.name)

    @property
    def language_name(self) -> str:
        """As those who speak it call it."""
        known = dict(settings.LANGUAGES)
        return known.get(self.language, known[settings.LANGUAGE_CODE])
