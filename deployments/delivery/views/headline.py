"""What happens now, and what it waits for, in a sentence."""

from deployments.delivery.models import Deployment
from deployments.delivery.views.open_gate import GateView
from deployments.vocabulary import Status
from deployments.words import full_stop

_OUTCOMES = {
    Status.SUCCESSFUL: "Finished: the release has all production traffic.",
    Status.STOPPED: "Stopped before anything was changed.",
    Status.ROLLBACK_SUCCESSFUL: "Rolled back: production is as it was before.",
    Status.ROLLBACK_FAILED: "The roll back could not finish; somebody has to look.",
    Status.FAILED: "It failed and was left where it is; somebody has to look.",
    Status.STOP_REQUESTED: "Stopping.",
    Status.ROLLBACK_REQUESTED: "Roll back asked for.",
    Status.ROLLBACK_IN_PROGRESS: "Rolling back.",
}


def headline(deployment: Deployment, gate: GateView | None) -> str:
    """`gate`: the open one."""
    if deployment.status == Status.SUCCESSFUL and deployment.status_reason:
        return f"Finished: {full_stop(deployment.status_reason)}"
    if deployment.is_terminal or deployment.is_rolling_back or deployment.status == Status.STOP_REQUESTED:
        return deployment.status_reason or _OUTCOMES.get(Status(deployment.status), "")
    if gate:
        return f"Waiting for approval: {gate.approvals_given} of {gate.approvals_needed} given."
    if deployment.status == Status.PENDING:
        return deployment.waiting_for or "Waiting for a worker to pick it up."
    return deployment.waiting_for or deployment.status_reason or _step_summary(deployment) or "Under way."


def _step_summary(deployment: Deployment) -> str:
    """What the step is about, until the first look says more."""
    steps = deployment.plan.get("steps", ())
    return full_stop(steps[deployment.position].get("summary", "")) if deployment.position < len(steps) else ""
