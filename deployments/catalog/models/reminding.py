"""When those who have not decided at a gate are told that it still waits."""

from django.core.validators import MaxValueValidator
from django.db import models

#: Minutes: a week, and a day.
LONGEST_AFTER, LONGEST_BEFORE = 10_080, 1_440


class Reminding(models.Model):
    remind_after_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(LONGEST_AFTER)],
        help_text="How long a gate has waited by then. 0: never. Empty: as REMIND_AFTER_MINUTES says.",
    )  # fmt: skip
    remind_before_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(LONGEST_BEFORE)],
        help_text="How long it waits from then on. 0: never. Empty: as REMIND_BEFORE_MINUTES says. Of a short gate it "
        "is the last quarter.",
    )  # fmt: skip

    class Meta:
        abstract = True
