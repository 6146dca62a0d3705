from django.db import models


class EventsQueue(models.Model):
    """One row, where AWS's events are listened to: when a worker last read the queue."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="events_queue_single_row")]

    def __str__(self) -> str:
        return f"read at {self.read_at}"
