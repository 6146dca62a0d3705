"""Rows of a deployment as records change them: itself, its runs of stages and its gates."""

from datetime import datetime
from typing import Any

from deployments.delivery.models import Deployment, Gate, StageRun
from deployments.frozen import Step
from deployments.vocabulary import GateStatus, Outcome


class Lost(Exception):
    """The lease was taken over, or somebody clicked meanwhile; nothing was written."""


def update(deployment: Deployment, *, despite_clicks: bool = False, **columns: Any) -> None:
    held = Deployment.objects.filter(pk=deployment.pk, lease_token=deployment.lease_token)
    if not despite_clicks:
        held = held.filter(status=deployment.status, clicks=deployment.clicks)
    if held.update(**columns) != 1:
        raise Lost
    for name, value in columns.items():
        setattr(deployment, name, value)


def enter(deployment: Deployment, step: Step, now: datetime) -> None:
    StageRun.objects.create(
        deployment=deployment,
        stage=step.stage,
        position=deployment.position,
        percent=step.percent,
        rolling_back=deployment.is_rolling_back,
        attempt=deployment.attempt,
        started_at=now,
    )


def leave(deployment: Deployment, outcome: Outcome, detail: str, now: datetime) -> None:
    deployment.stage_runs.filter(finished_at__isnull=True).update(finished_at=now, outcome=outcome, detail=detail)


def close_gates(deployment: Deployment, status: GateStatus, reason: str, now: datetime) -> None:
    Gate.objects.filter(deployment=deployment, status=GateStatus.AWAITING_ACTION).update(
        status=status, reason=reason, closed_at=now
    )
