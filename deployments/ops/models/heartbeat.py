from django.db import models


class Heartbeat(models.Model):
    """One row: which heartbeat task looks for due deployments now, and when it last did."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    token = models.CharField(max_length=120, blank=True)
    beat_at = models.DateTimeField(null=True)
    lag_seconds = models.FloatField(default=0, help_text="How late the most overdue deployment was at that look.")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="heartbeat_single_row")]

    def __str__(self) -> str:
        return f"{self.token} at {self.beat_at}"
