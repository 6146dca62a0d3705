from django.db import models


class AwsCallCount(models.Model):
    """How many calls AWS answered how, over all processes since the installation began."""

    operation = models.CharField(max_length=80, help_text="AWS's own name, such as DescribeServices.")
    outcome = models.CharField(max_length=20, help_text="ok, throttled, unavailable, denied, notfound, invalid ...")
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["operation", "outcome"]
        constraints = [models.UniqueConstraint(fields=["operation", "outcome"], name="aws_call_count_unique")]

    def __str__(self) -> str:
        return f"{self.operation} {self.outcome}: {self.count}"
