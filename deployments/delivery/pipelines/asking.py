"""What a new deployment promises to a pipeline, in the transaction that makes it."""

from datetime import datetime

from deployments.delivery.models import Deployment, PipelineAnswer
from deployments.frozen import EnvironmentSettings


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
