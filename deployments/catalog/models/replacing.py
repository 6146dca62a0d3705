"""How ECS replaces tasks, and what becomes of old revisions, as an environment says it. What is empty stays."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

#: AWS's own limits, in percent of the desired count.
LEAST_MAXIMUM, MOST_MAXIMUM = 100, 200
#: Seconds; on Fargate AWS takes 2 to 120, which preflight knows.
LONGEST_STOP = 86_400
PERCENTS_REPLACE = models.CheckConstraint(
    condition=~models.Q(minimum_healthy_percent=100, maximum_percent=LEAST_MAXIMUM),
    name="environment_percents_replace",
    violation_error_message="With least healthy and most tasks both at 100, ECS may neither start a task nor stop "
    "one: a deployment would never end.",
)


class Replacing(models.Model):
    minimum_healthy_percent = models.PositiveSmallIntegerField(
        "least healthy tasks (%)", null=True, blank=True, validators=[MaxValueValidator(100)],
        help_text="minimumHealthyPercent of the service, rounded up to whole tasks. Empty: its own stays. Only with "
        "ROLLING.",
    )  # fmt: skip
    maximum_percent = models.PositiveSmallIntegerField(
        "most tasks (%)", null=True, blank=True,
        validators=[MinValueValidator(LEAST_MAXIMUM), MaxValueValidator(MOST_MAXIMUM)],
        help_text="maximumPercent of the service, rounded down to whole tasks. Empty: its own stays. Only with "
        "ROLLING.",
    )  # fmt: skip
    stop_timeout_seconds = models.PositiveIntegerField(
        "stop time-out", null=True, blank=True, validators=[MinValueValidator(2), MaxValueValidator(LONGEST_STOP)],
        help_text="Seconds between SIGTERM and SIGKILL (stopTimeout) of the containers that a release replaces; on "
        "Fargate at most 120. Empty: as the task definition has it.",
    )  # fmt: skip
    keep_revisions = models.PositiveSmallIntegerField(
        "old revisions kept", null=True, blank=True, validators=[MinValueValidator(2)],
        help_text="How many of the newest task definitions that Tealgate registered here stay ACTIVE after a "
        "deployment that ended well; older ones that nothing uses are deregistered. Empty: all stay.",
    )  # fmt: skip

    class Meta:
        abstract = True
