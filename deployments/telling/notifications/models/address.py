"""Where messages go: one place at one service, of a person or of a channel. The address itself is a secret."""

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q

from deployments.sealed import SealedTextField
from deployments.telling.notifications.models.channel import NotificationChannel

LONGEST_SHOWN = 200
_of_person = Q(person__isnull=False, channel__isnull=True)
_of_channel = Q(person__isnull=True, channel__isnull=False)


class NotificationAddress(models.Model):
    person = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="notification_addresses"
    )
    channel = models.ForeignKey(
        NotificationChannel, null=True, blank=True, on_delete=models.CASCADE, related_name="addresses"
    )
    service = models.CharField(max_length=30, help_text="What the URL begins with, such as slack or email.")
    url = SealedTextField("URL", editable=False)
    shown = models.CharField(max_length=LONGEST_SHOWN, help_text="All of it that everybody may see: never a token.")
    is_internal = models.BooleanField(default=False, help_text="Private addresses are allowed.")
    is_on = models.BooleanField(default=True)
    off_reason = models.TextField(blank=True, default="", help_text="Why Tealgate turned it off, in sentences.")
    failing_since = models.DateTimeField(null=True, blank=True)
    rests_until = models.DateTimeField(null=True, blank=True, help_text="The service asked for a pause until then.")
    delivered_at = models.DateTimeField(null=True, blank=True, help_text="When something last came through.")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        default_permissions = ()
        verbose_name = "notification address"
        verbose_name_plural = "notification addresses"
        constraints = [models.CheckConstraint(condition=_of_person | _of_channel, name="notification_address_of_one")]

    def __str__(self) -> str:
        return self.shown

    @property
    def of(self) -> str:
        return str(self.channel or self.person)
