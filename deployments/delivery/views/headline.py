"""What happens now, and what it waits for, in a sentence."""

from collections.abc import Iterable

from deployments.delivery.models import Deployment, Gate
from deployments.delivery.views import stages
from deployments.delivery.views.open_gate import GateView
from deployments.vocabulary import GateStatus, Status
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


def headline(deployment: Deployment, gate: GateView | None, gates: Iterable[Gate] = ()) -> str:
    """`gate`: the open one, of all its `gates`."""
    if deployment.status == Status.SUCCESSFUL and deployment.status_reason:
        return f"Finished: {full_stop(deployment.status_reason)}"
    if deployment.is_terminal or deployment.is_rolling_back or deployment.status == Status.STOP_REQUESTED:
        return deployment.status_reason or _OUTCOMES.get(Status(deployment.status), "")
    if gate:
        return f"Waiting for approval: {gate.approvals_given} of {gate.approvals_needed} given."
    if deployment.status == Status.PENDING:
        return deployment.waiting_for or "Waiting for a worker to pick it up."
    return deployment.waiting_for or deployment.status_reason or _doing(deployment, gates) or "Under way."


def _doing(deployment: Deployment, gates: Iterable[Gate]) -> str:
    """What it is at, until the first look says more."""
    steps, here = deployment.plan.get("steps", ()), deployment.position
    if here >= len(steps):
        return ""
    passed = next((gate for gate in gates if gate.position == here and gate.status == GateStatus.SUCCEEDED), None)
    if passed is None or here + 1 >= len(steps):
        return stages.doing(steps[here], deployment.release.version)
    said = full_stop(passed.reason[:1].upper() + passed.reason[1:]) or "Approved."
    following = steps[here + 1]
    return f"{said} {stages.coming(following['stage'], following.get('percent'))}"
