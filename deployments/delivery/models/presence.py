from django.db import models


class Presence(models.Model):
    """One row: until when people could act, because all parts of Tealgate were there."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    here_until = models.DateTimeField(null=True, help_text="When web, worker and database last were here together.")
    web_at = models.DateTimeField(null=True, help_text="When the web server last said that it is here.")

    clock_ahead = models.FloatField(null=True, help_text="Seconds that the time we go by was ahead of AWS's.")
    clock_seen_at = models.DateTimeField(null=True, help_text="When that was last seen.")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="presence_single_row")]

    def __str__(self) -> str:
        return f"all here until {self.here_until}"
