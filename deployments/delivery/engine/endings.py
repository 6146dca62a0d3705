"""How rows and the log look once a deployment, or a stage of it, is over; in the transaction of whoever records it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from deployments.delivery import tidying
from deployments.delivery.engine import live as live_release
from deployments.delivery.engine import rows, stored
from deployments.delivery.models import Deployment
from deployments.record.append import append_event
from deployments.swaps.facts import Facts
from deployments.vocabulary import Outcome, Status


def end(deployment: Deployment, status: Status, reason: str, columns: Mapping[str, Any], now: datetime) -> None:
    rows.update(
        deployment,
        **{
            **columns,
            "status": status,
            "status_reason": reason,
            "finished_at": now,
            "next_check_at": None,
            "waiting_for": "",
            "intent": None,
            "source_kept_until": None,
            "lease_expires_at": None,
        },
    )


def rang(facts: Facts) -> dict[str, Any] | None:
    """Of what it failed by, when an alarm rang, by CloudWatch's own clock: it was looked at some time later."""
    began = facts.failure.began if facts.failure else None
    return {"alarm_since": began.isoformat()} if began else None


def tell(deployment: Deployment, now: datetime) -> None:
    live_release.compare_again(deployment, now)
    if deployment.status == Status.SUCCESSFUL:
        tidying.ask(deployment, now)
    kind = f"deployment.{Status(deployment.status).lower()}"
    warnings = stored.facts(deployment).warnings if deployment.status == Status.SUCCESSFUL else ()
    data = {"warnings": list(warnings)} if warnings else None
    if deployment.status == Status.FAILED:
        data = rang(stored.facts(deployment))
    append_event(deployment, kind, deployment.status_reason, now=now, data=data)


def tell_with_the_last_stage(deployment: Deployment, reason: str, now: datetime) -> None:
    """By one event: the end of the last stage is the end of all, and says the same."""
    rows.leave(deployment, Outcome.SUCCEEDED, reason, now)
    tell(deployment, now)


def stage_succeeded(deployment: Deployment, stage: str, reason: str, now: datetime) -> None:
    rows.leave(deployment, Outcome.SUCCEEDED, reason, now)
    append_event(deployment, "stage.succeeded", reason, now=now, stage=stage)
