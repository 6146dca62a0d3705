"""An event becomes rows that are due: the receiver that OUTBOX_RECEIVERS names. Called again, it changes nothing more.

What the forge is told is read from the deployment when it is told, so events may come late and in any order.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from deployments.delivery.models import Deployment
from deployments.record.models import Event
from deployments.telling.forge.models import ForgeQuestion, ForgeRepository, ForgeTelling
from deployments.telling.forge.models.telling import ForgeTellingQuerySet
from deployments.vocabulary import Status

#: After these a deployment may have another state outside.
_TOLD = frozenset(
    f"deployment.{what}"
    for what in (
        "requested", "started", "rollback_retried", "successful", "stopped", "rollback_successful", "failed",
        "rollback_failed",
    )
)  # fmt: skip
_ANSWERED = _TOLD | {
    "gate.approved", "deployment.stop_requested", "deployment.rollback_requested", "deployment.rollback_started",
}  # fmt: skip
_RETIRED = "environment.retired"


def receive(event: Event) -> None:
    now = event.at
    if event.kind == _RETIRED:
        _overtaken(int(event.chain.name.partition(":")[2]), now)
    if event.deployment_id is None or event.kind not in _ANSWERED:
        return
    deployment = Deployment.objects.select_related("environment", "release").get(pk=event.deployment_id)
    if event.kind in _TOLD:
        _tell(deployment, now)
    if event.kind == "deployment.successful":
        _overtaken(deployment.environment_id, now, before=deployment.pk)
    forges = ForgeRepository.objects.filter(application=deployment.environment.application_id).values("forge")
    waiting = ForgeQuestion.objects.waiting().filter(forge__in=forges, sha=deployment.release.git_sha)
    waiting.update(due_at=now)


def _tell(deployment: Deployment, now: datetime) -> None:
    """A release without a commit is told to nobody."""
    repository = ForgeRepository.objects.filter(application=deployment.environment.application_id).first()
    if repository is None or not deployment.release.git_sha:
        return
    with transaction.atomic():
        new = {"repository": repository, "asked_at": now, "due_at": now}
        _, is_new = ForgeTelling.objects.get_or_create(deployment=deployment, defaults=new)
    if not is_new:
        _due(ForgeTelling.objects.filter(deployment=deployment), now)


def _overtaken(environment: int, now: datetime, before: int | None = None) -> None:
    """What was live there, and is told to be; all that was before it."""
    rows = ForgeTelling.objects.filter(deployment__environment=environment, deployment__status=Status.SUCCESSFUL)
    rows = rows.filter(deployment__pk__lt=before) if before else rows
    _due(rows.exclude(told__in=("", "inactive")), now)


def _due(rows: ForgeTellingQuerySet, now: datetime) -> None:
    rows.update(asked_at=now, due_at=now, asks=F("asks") + 1)
