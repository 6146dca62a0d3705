"""Where an environment has a pipeline wait for what becomes of its deployments."""

from django.db import models

from deployments.catalog.models.arns import approval_action_arn
from deployments.catalog.models.retiring import IN_USE
from deployments.vocabulary import Word

#: Three names of a hundred characters each, and what stands before them.
LONGEST_ACTION = 400


class AnsweredWhen(Word):
    """When the pipeline is told that all is well."""

    END = "END"
    GATES = "GATES"

    @property
    def label(self) -> str:
        return {
            "END": "Once the deployment has ended well",
            "GATES": "Once people have approved at all of its gates",
        }[self.value]


class Answering(models.Model):
    approval_action = models.CharField(
        max_length=LONGEST_ACTION, blank=True, default="", db_default="", validators=[approval_action_arn],
        help_text="ARN of the action for manual approval in which CodePipeline waits: "
        "arn:aws:codepipeline:REGION:ACCOUNT:PIPELINE/STAGE/ACTION. Its CustomData says which release it waits for: "
        "tealgate: APPLICATION VERSION.",
    )  # fmt: skip
    answered_when = models.CharField(
        "told Approved", max_length=5, choices=AnsweredWhen.choices(), default=AnsweredWhen.END,
        db_default=AnsweredWhen.END,
        help_text="One that ends otherwise before that is told as Rejected, with the reason.",
    )  # fmt: skip

    class Meta:
        abstract = True


#: name of the constraint
ONE_ANSWER = "environment_unique_approval_action"
#: Two answers for one action would be one too many.
ONE_ENVIRONMENT_AN_ACTION = models.UniqueConstraint(
    fields=["approval_action"],
    condition=IN_USE & ~models.Q(approval_action=""),
    name=ONE_ANSWER,
    violation_error_message="Another environment answers that approval action; give this one its own.",
)
