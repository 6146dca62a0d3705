from django.db import models


class OperatorAlert(models.Model):
    """Something about Tealgate itself that whoever keeps it running has to know: raised once, over once."""

    kind = models.CharField(max_length=30, help_text="A name from telling/notifications/kinds.py.")
    about = models.CharField(
        max_length=200, blank=True, default="", help_text="Which of several, such as a token's name or a role."
    )
    said = models.TextField(help_text="What was seen and what to do, in sentences.")
    step = models.PositiveSmallIntegerField(default=0, help_text="Of one that grows more urgent: days that are left.")
    since = models.DateTimeField(help_text="When it began, as far as is known.")
    seen_at = models.DateTimeField(help_text="When it was last seen by what does not look all the time.")
    over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        default_permissions = ("view",)
        verbose_name = "operator's alert"
        verbose_name_plural = "operators' alerts"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about"], condition=models.Q(over_at__isnull=True), name="operator_alert_once"
            )
        ]

    def __str__(self) -> str:
        return self.said
