"""What one person wants to be told, and when. Without a row it is what a new one would hold."""

from django.contrib.auth.models import User
from django.db import models

from deployments.catalog.models import Application
from deployments.telling.notifications import kinds
from deployments.vocabulary import Word


class Pace(Word):
    AT_ONCE = "AT_ONCE"
    HOURLY = "HOURLY"
    DAILY = "DAILY"


class NotificationPreference(models.Model):
    person = models.OneToOneField(User, on_delete=models.CASCADE, related_name="notification_preference")
    applications = models.ManyToManyField(
        Application, blank=True, related_name="+",
        help_text="Followed. None: their own deployments, and all gates that wait for them.",
    )  # fmt: skip
    kinds = models.JSONField(default=kinds.for_persons, help_text="Names from kinds.py.")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True, help_text="Before quiet_from: that of the next day.")
    zone = models.CharField(max_length=60, default="UTC", help_text="As IANA names it, such as Europe/Berlin.")
    pace = models.CharField(max_length=7, choices=Pace.choices(), default=Pace.AT_ONCE)
    wakes = models.BooleanField(
        default=False,
        db_default=False,
        help_text="What is urgent comes in quiet hours, too.",
    )
    weekly = models.BooleanField(default=False)
    weekly_at = models.DateTimeField(null=True, blank=True, help_text="When the next weekly letter is due.")
    browser = models.BooleanField(default=False, help_text="Shown by the browser while a page is open.")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"What {self.person} is told"
