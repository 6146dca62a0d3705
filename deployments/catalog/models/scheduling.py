"""The scheduled tasks that belong to an environment."""

from django.core.exceptions import ValidationError
from django.db import models

from deployments.scheduled_spec import ScheduledSpec, parse

#: Ten of the longest names, with a container each.
LONGEST_FAMILIES = 10_000


def families(text: str) -> None:
    """Raises ValidationError, a sentence."""
    try:
        parse(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error


class Scheduling(models.Model):
    scheduled_families = models.TextField(
        "scheduled families", max_length=LONGEST_FAMILIES, blank=True, default="", db_default="",
        validators=[families],
        help_text="Families of task definitions, one a line, that rules or schedules of EventBridge start in this "
        "cluster: they get the release's images with each deployment. Which container gets which is found by its name "
        "or repository, or said: cron: job=web.",
    )  # fmt: skip

    class Meta:
        abstract = True

    @property
    def scheduled_specs(self) -> tuple[ScheduledSpec, ...]:
        return parse(self.scheduled_families)
