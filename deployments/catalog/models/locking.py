"""A lock: nobody can deploy there until it is opened."""

from django.conf import settings
from django.db import models


class Lockable(models.Model):
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False,
    )  # fmt: skip
    locked_at = models.DateTimeField(null=True, blank=True, editable=False)
    lock_message = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_locked(self) -> bool:
        return self.locked_at is not None

    @property
    def lock_sentence(self) -> str:
        by = f" by {self.locked_by.get_username()}" if self.locked_by else ""
        return f"{self} is locked{by} since {self.locked_at:%Y-%m-%d %H:%M} UTC: {self.lock_message}"
