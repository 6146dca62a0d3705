"""What a new deployment promises to a pipeline, in the transaction that makes it; and when it is not kept."""

from datetime import datetime

from deployments import leased
from deployments.aws.values import ApprovalAction
from deployments.catalog.models import Environment
from deployments.delivery.models import Deployment, PipelineAnswer
from deployments.frozen import EnvironmentSettings
from deployments.record.append import append_event


def promise(deployment: Deployment, settings: EnvironmentSettings, now: datetime) -> None:
    """It will be told, if the environment names an action; instead of an older deployment of the same release."""
    if not settings.approval_action:
        return
    older = PipelineAnswer.objects.waiting().filter(
        action=settings.approval_action,
        deployment__environment=deployment.environment,
        deployment__release=deployment.release,
    )
    older.update(said=f"Deployment {deployment.pk} of the same release answers instead.", closed_at=now)
    PipelineAnswer.objects.create(
        deployment=deployment, action=settings.approval_action, when=settings.answered_when, due_at=now
    )


def give_up(environment: Environment, why: str, now: datetime) -> None:
    """What was not told yet is not told any more, in the transaction that ends its use. `why`: a sentence."""
    waiting = PipelineAnswer.objects.waiting().filter(deployment__environment=environment)
    for row in waiting.select_related("deployment").order_by("pk"):
        PipelineAnswer.objects.filter(pk=row.pk).update(said=why, closed_at=now, **leased.FREE)
        message = f"Not told to {ApprovalAction.parse(row.action)}: {why}"
        append_event(row.deployment, "deployment.pipeline_not_told", message, now=now)
