"""A lock: nobody can deploy there until it is opened."""

from django.conf import settings
from django.db import models


class Lockable(models.Model):
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False,
    )  # fmt: skip
    locked_through = models.CharField(
        max_length=500, blank=True, default="", db_default="", editable=False,
        help_text="In words, where it was not they themselves on a page: by which token, or an agent on their behalf.",
    )  # fmt: skip
    locked_at = models.DateTimeField(null=True, blank=True, editable=False)
    lock_message = models.CharField(max_length=200, blank=True, editable=False)
    agents_may_open = models.DateTimeField(
        null=True, blank=True, editable=False,
        help_text="The lock that an agent may open, by its time: one that is set later is another one.",
    )  # fmt: skip

    class Meta:
        abstract = True

    @property
    def is_locked(self) -> bool:
        return self.locked_at is not None

    @property
    def opens_to_agents(self) -> bool:
        """Whether whoever has locked it lets agents open it."""
        return self.is_locked and self.agents_may_open == self.locked_at

    @property
    def lock_holder(self) -> str:
        """Who has locked it, in words; "" when that is not known."""
        by = self.locked_by.get_username() if self.locked_by else ""
        return self.locked_through or by if by else ""

    @property
    def lock_sentence(self) -> str:
        by = f" by {self.lock_holder}" if self.lock_holder else ""
        return f"{self} is locked{by} since {self.locked_at:%Y-%m-%d %H:%M} UTC: {self.lock_message}"
