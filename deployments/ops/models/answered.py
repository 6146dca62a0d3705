from datetime import timedelta

from django.db import models

#: For so long a request may be sent again.
KEPT = timedelta(hours=24)


class Answered(models.Model):
    """A request that may be sent twice, and what was answered the first time."""

    who = models.CharField(max_length=150, help_text="The token's name.")
    key = models.CharField(max_length=200, help_text="As its Idempotency-Key says.")
    request = models.CharField(max_length=64, help_text="SHA-256 over method, address and body, in hex.")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(default=0, help_text="Of HTTP; 0 while it is being answered.")
    body = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        verbose_name_plural = "answered"
        constraints = [models.UniqueConstraint(fields=["who", "key"], name="answered_once")]
        indexes = [models.Index(fields=["at"], name="answered_at")]

    def __str__(self) -> str:
        return f"{self.key} of {self.who}"
