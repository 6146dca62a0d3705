"""Everything the deployment page shows, worked out in one place so that templates only lay it out."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max

from deployments import swaps
from deployments.admin.deployment_actions import VERBS
from deployments.delivery.engine import stored
from deployments.delivery.models import Deployment, Gate
from deployments.delivery.turning_back import overtaken_by
from deployments.delivery.views import pictures, preflight_report, slots, targets, timeline
from deployments.delivery.views.gate_evidence import Evidence
from deployments.frozen import Plan
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.vocabulary import Status
from deployments.words import duration_words, full_stop

#: Enough for half an hour of looks at both slots; older points stay in the database as evidence.
_POINTS = 480


def load(pk: int) -> Deployment | None:
    return (
        Deployment.objects.select_related(
            "environment__application", "release__application", "source_release", "requested_by"
        )
        .prefetch_related("environment__deployers", "release__images")
        .filter(pk=pk)
        .first()
    )


def version_of(deployment: Deployment) -> str:
    """Changes exactly when the page would: the row's visible columns and the newest child rows."""
    visible = (
        deployment.status, deployment.status_reason, deployment.position, deployment.stage, deployment.waiting_for,
        deployment.facts, deployment.percent, deployment.preflight, deployment.targets, deployment.failure,
        str(deployment.source_kept_until), deployment.target_slot, deployment.failures,
    )  # fmt: skip
    runs = deployment.stage_runs.values_list("pk", "outcome", "detail", "finished_at")
    gates = deployment.gates.values_list("pk", "status", "expires_at", "reason", "evidence")
    newest = (
        Event.objects.filter(deployment=deployment).aggregate(Max("pk")),
        deployment.measurements.aggregate(Max("pk")),
    )
    seen = json.dumps([visible, list(runs), list(gates), newest], default=str, sort_keys=True)
    return hashlib.sha256(seen.encode()).hexdigest()[:20]


def context(deployment: Deployment, principal: Principal, now: datetime) -> dict[str, Any]:
    measurements = list(deployment.measurements.order_by("-at", "-slot")[:_POINTS])[::-1]
    runs = list(deployment.stage_runs.all())
    gates = list(deployment.gates.prefetch_related("groups", "approvals__person"))
    for gate in gates:
        gate.deployment = deployment  # saves a query a gate
    open_gate = next((gate for gate in gates if gate.is_open), None)
    looked_at = measurements[-1].at if measurements else None
    views = slots.slots(deployment, measurements)
    told = targets.targets(deployment)
    plan = Plan.from_json(deployment.plan)
    return {
        "deployment": deployment,
        "env": deployment.environment,
        "version": version_of(deployment),
        "headline": headline(deployment, open_gate, now),
        "place": slots.place_sentence(deployment, views),
        "slots": views,
        "has_slots": any(view.role or view.service for view in views),
        "target": next((view for view in views if view.role == "target"), None),
        "steps": timeline.forward(deployment, runs, gates),
        "way_back": timeline.way_back(deployment, runs),
        "tells_targets": swaps.get(deployment.settings["controller"]).tells_targets or bool(told),
        "targets": told,
        "targets_done": sum(target.status == "Succeeded" for target in told),
        "gate": gate_context(open_gate, deployment, principal, looked_at) if open_gate else None,
        "decisions": [gate for gate in gates if not gate.is_open],
        "charts": pictures.charts(
            measurements,
            max_5xx=deployment.settings.get("max_5xx_percent"),
            max_latency=deployment.settings.get("max_latency_ms"),
        ),
        "ladder": pictures.ladder(plan, width=300, height=92) if plan.ladder else None,
        "facts": stored.document(deployment),
        "failure": failure_of(deployment, runs),
        "preflight": preflight_report.kept(deployment.preflight or ()),
        "events": deployment.events.order_by("-id")[:200],
        "warm": deployment.is_warm and deployment.source_kept_until and deployment.source_kept_until > now,
        "actions": actions(deployment, principal, now),
        "verbs": {name.replace("-", ""): verb for name, verb in VERBS.items()},
    }


def headline(deployment: Deployment, gate: Gate | None, now: datetime) -> str:
    """What happens now, and what it waits for."""
    if deployment.status == Status.SUCCESSFUL and deployment.status_reason:
        return f"Finished: {full_stop(deployment.status_reason)}"
    if deployment.is_terminal or deployment.is_rolling_back or deployment.status == Status.STOP_REQUESTED:
        return deployment.status_reason or _OUTCOMES.get(Status(deployment.status), "")
    if gate:
        given = sum(1 for approval in gate.approvals.all() if approval.verdict == "APPROVE")
        return f"Waiting for approval: {given} of {gate.approvals_needed} given."
    if deployment.status == Status.PENDING:
        return deployment.waiting_for or "Waiting for a worker to pick it up."
    return deployment.waiting_for or deployment.status_reason or _step_summary(deployment) or "Under way."


def _step_summary(deployment: Deployment) -> str:
    """What the step is about, until the first look says more."""
    steps = deployment.plan.get("steps", ())
    return full_stop(steps[deployment.position].get("summary", "")) if deployment.position < len(steps) else ""


_OUTCOMES = {
    Status.SUCCESSFUL: "Finished: the release has all production traffic.",
    Status.STOPPED: "Stopped before anything was changed.",
    Status.ROLLBACK_SUCCESSFUL: "Rolled back: production is as it was before.",
    Status.ROLLBACK_FAILED: "The roll back could not finish; somebody has to look.",
    Status.STOP_REQUESTED: "Stopping.",
    Status.ROLLBACK_REQUESTED: "Roll back asked for.",
    Status.ROLLBACK_IN_PROGRESS: "Rolling back.",
}


def gate_context(
    gate: Gate, deployment: Deployment, principal: Principal, looked_at: datetime | None
) -> dict[str, Any]:
    approvals = list(gate.approvals.all())
    given = sum(1 for approval in approvals if approval.verdict == "APPROVE")
    groups = [group.name for group in gate.groups.all()]
    return {
        "row": gate,
        "approvals": approvals,
        "given": given,
        "open_places": range(max(gate.approvals_needed - given, 0)),
        "who": " or ".join(groups) if groups else "Anyone with the right to approve",
        "refusal": rights.decide_refusal(principal, gate.deciders),
        "evidence": Evidence(gate.evidence or {}, deployment),
        # Where production has no share of the release there is nothing to watch.
        "watch": full_stop(stored.document(deployment).watch) if deployment.percent else "",
        "looked_at": looked_at,
    }


def failure_of(deployment: Deployment, runs: list[Any]) -> Mapping[str, Any] | None:
    """What was kept of a failure: on the deployment, or on the stage that failed."""
    failed = [{"sentence": run.detail, **run.data} for run in reversed(runs) if run.outcome == "FAILED"]
    for kept in (deployment.failure or {}, *failed):
        # A sentence alone stands in the page's head already.
        if any(kept.get(key) for key in ("health", "stopped_tasks", "events", "log")):
            return dict(kept)
    return None


def actions(deployment: Deployment, principal: Principal, now: datetime) -> dict[str, Any]:
    """Which buttons there are, and why they are dead when they are."""
    refusal = rights.turn_back_refusal(principal, deployment.environment)
    shifted = bool(deployment.percent) or deployment.is_warm
    kept = bool(deployment.is_warm and deployment.source_kept_until and deployment.source_kept_until > now)
    controller = swaps.get(deployment.settings["controller"])
    ended_badly = deployment.status in (Status.STOPPED, Status.ROLLBACK_SUCCESSFUL)
    return {
        "refusal": refusal,
        "stop": deployment.can_be_stopped and not deployment.is_warm,
        "roll_back": deployment.can_be_stopped and shifted,
        "extend": kept and controller.warm_time_can_be_extended,
        "finish": kept and controller.warm_time_can_be_ended,
        "retry": deployment.status == Status.ROLLBACK_FAILED and not overtaken_by(deployment),
        "again": ended_badly,
        "previous": deployment.source_release if deployment.status == Status.SUCCESSFUL else None,
        "deploy_refusal": rights.deploy_refusal(principal, deployment.environment) if deployment.is_terminal else "",
        "warm_for": duration_words(deployment.settings.get("termination_wait_seconds", 0)),
    }
