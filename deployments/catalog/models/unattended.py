"""Who said of an environment that nobody has to approve there, and why."""

from django.conf import settings
from django.db import models


class Unattended(models.Model):
    unattended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False,
    )  # fmt: skip
    unattended_at = models.DateTimeField(null=True, blank=True, editable=False)
    unattended_reason = models.CharField(max_length=200, blank=True, default="", db_default="", editable=False)

    class Meta:
        abstract = True

    @property
    def unattended_sentence(self) -> str:
        """Who said that nobody has to approve, and why; "" = nobody did."""
        if self.unattended_at is None:
            return ""
        who = self.unattended_by.get_username() if self.unattended_by else "Somebody at the server"
        reason = self.unattended_reason.rstrip(".")
        return f"{who} said at {self.unattended_at:%Y-%m-%d %H:%M} UTC that nobody has to approve: {reason}."
