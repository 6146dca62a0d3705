"""What an environment says of the task definitions that are registered for it."""

from django.db import models

from deployments.catalog.models.arns import lines, role_arns
from deployments.vocabulary import DefinitionBase

#: A hundred of the longest ARNs.
LONGEST_ROLES = 20_000


class Defining(models.Model):
    definition_base = models.CharField(
        "task definition starts from", max_length=10, choices=DefinitionBase.choices(), default=DefinitionBase.LIVE,
        db_default=DefinitionBase.LIVE,
        help_text="What a release's images are put into, and with it variables, secrets, memory and roles.",
    )  # fmt: skip
    task_roles = models.TextField(
        "roles allowed", max_length=LONGEST_ROLES, blank=True, default="", db_default="", validators=[role_arns],
        help_text="ARNs of task and execution roles, one a line, that a task definition may name besides those that "
        "the live one names.",
    )  # fmt: skip

    class Meta:
        abstract = True

    @property
    def task_role_arns(self) -> tuple[str, ...]:
        return lines(self.task_roles)
