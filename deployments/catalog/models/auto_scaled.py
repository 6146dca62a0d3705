"""What was seen of the servers that an environment's deployment group chooses."""

from django.db import models


class AutoScaled(models.Model):
    """A column of an environment; it is no setting."""

    auto_scaling_groups = models.JSONField(
        null=True, blank=True, editable=False,
        help_text="By application/group of CodeDeploy, the names of its Auto Scaling groups as they were last seen.",
    )  # fmt: skip

    class Meta:
        abstract = True
