"""How many tasks an environment's service is to run where the service itself wants none."""

from django.core.validators import MinValueValidator
from django.db import models


class TaskCounts(models.Model):
    first_desired = models.PositiveSmallIntegerField(
        "tasks of a first release", default=1, db_default=1, validators=[MinValueValidator(1)],
        help_text="How many tasks a first release starts where the service has a desired count of 0.",
    )  # fmt: skip
    may_run_nothing = models.BooleanField(
        "may run nothing", default=False, db_default=False,
        help_text="Whether a desired count of 0 is on purpose, such as of a service that is switched off at night: "
        "then a release is put on it without starting a task, and the end says so. Only with ROLLING.",
    )  # fmt: skip

    class Meta:
        abstract = True
