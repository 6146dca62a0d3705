"""What is left alone for a while after trouble: a connection, or one repository."""

from datetime import datetime

from django.db import models


class Resting(models.Model):
    trouble = models.TextField(
        blank=True, default="", db_default="", editable=False, help_text="What the last try found, in sentences."
    )
    troubled_since = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, db_default=0, editable=False, help_text="In a row.")
    rests_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


def awake(now: datetime, path: str = "") -> models.Q:
    """`path`: from the rows that are asked for to what rests, with its underscores."""
    return models.Q(**{f"{path}rests_until__isnull": True}) | models.Q(**{f"{path}rests_until__lte": now})
