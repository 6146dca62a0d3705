"""That a gate was said to wait still. The row is made in the transaction that tells it, so nobody tells it twice."""

from django.db import models

from deployments.delivery.models import Gate
from deployments.telling.notifications.timing.reminders import Which


class GateReminder(models.Model):
    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="reminders")
    which = models.CharField(max_length=6, choices=Which.choices())
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["gate", "which"], name="gate_reminded_once")]

    def __str__(self) -> str:
        return f"{self.which} of {self.gate_id}"
