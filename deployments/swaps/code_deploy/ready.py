"""PRE_PRODUCTION_TRAFFIC_SHIFT: CodeDeploy stands in Ready while checks run and people decide.

CodeDeploy stops the deployment when nobody continues it in time, whatever our gate says; so the gate ends before.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from deployments.aws.actions import ContinueDeployment
from deployments.swaps.code_deploy import following
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Wait
from deployments.swaps.facts import sure
from deployments.swaps.steps import marks, one_service, one_service_as_planned, smoke_checks, two_slots
from deployments.swaps.steps.gate import at_gate
from deployments.words import duration_words, full_stop

#: So long before CodeDeploy's own limit our gate ends, for the answer to arrive in time.
MARGIN = timedelta(seconds=30)


def ready(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    def evidence() -> Mapping[str, Any]:
        return two_slots.evidence(snapshot, observed, now, code_deployment=snapshot.facts.code_deployment)

    return at_ready(snapshot, observed, now, evidence, lambda: _unfit(snapshot, observed))


def _unfit(snapshot: Snapshot, observed: Observed) -> str:
    """What somebody changed since preflight, or why the release is not ready."""
    seen = one_service.right_now(observed)
    changed = one_service_as_planned.changed_meanwhile(snapshot, seen, shown_by="listener")
    return changed or following.unready(snapshot, observed)


def no_targets() -> str:
    """Of servers nobody knows targets before they get traffic."""
    return ""


def at_ready(
    snapshot: Snapshot,
    observed: Observed,
    now: datetime,
    evidence: Callable[[], Mapping[str, Any]],
    unready: Callable[[], str] = no_targets,
) -> Decision:
    deployment, target = observed.deployment, observed.target
    if turned := following.wrong(snapshot, observed):
        return turned
    if marks.done(snapshot, "continue"):
        return Advance(reason=smoke_checks.summary(snapshot))
    if deployment is None:
        return following.gone(snapshot)
    if deployment.status != "Ready":
        return _not_ready(snapshot, observed)
    if not snapshot.facts.ready_at:
        at = _since(observed) or now
        return Note(reason="CodeDeploy waits in Ready", facts=replace(snapshot.facts, ready_at=at))
    if demand := smoke_checks.run(snapshot, now):
        return demand
    until = _held_until(snapshot)
    expires = _expires(snapshot, until)
    if waiting := at_gate(snapshot, now, evidence, held_by_aws=True, expires_at=expires, held_until=until):
        return waiting
    if speaks_against := unready():
        return Fail(reason=f"{full_stop(speaks_against)} CodeDeploy was not told to go on.")
    return continue_ready(snapshot, deployment.id, f"CodeDeploy may shift production ({following.current(target)})")


def unasked(snapshot: Snapshot, number: str, unready: Callable[[], str] = no_targets) -> Decision:
    """The group waits in Ready although no step of ours stands for it; its owner wants a person to decide there."""
    if marks.done(snapshot, "continue"):
        return Wait(reason="CodeDeploy was told to go on")
    if said := snapshot.settings.unattended:
        if speaks_against := unready():
            return Fail(reason=f"{full_stop(speaks_against)} CodeDeploy was not told to go on.")
        return continue_ready(snapshot, number, f"CodeDeploy may go on from Ready. {said}")
    group = snapshot.facts.group
    end = f" within {duration_words(60 * group.ready_minutes)}" if group and group.ready_minutes else ""
    return Wait(
        reason=f"CodeDeploy waits in Ready for somebody's approval, and the environment has no gate there: continue "
        f"{number} in CodeDeploy{end}, or it is stopped. Nothing has moved"
    )


def continue_ready(snapshot: Snapshot, number: str, reason: str) -> Act:
    return Act(
        reason=reason,
        action=ContinueDeployment(deployment=number, wait="READY_WAIT"),
        mark="continue",
    )


def end_termination_wait(number: str, reason: str) -> Act:
    return Act(
        reason=reason,
        action=ContinueDeployment(deployment=number, wait="TERMINATION_WAIT"),
        mark="finish",
    )


def _not_ready(snapshot: Snapshot, observed: Observed) -> Decision:
    over = observed.deployment is not None and observed.deployment.is_over
    if not over and not went_on(observed):
        return Wait(reason=f"CodeDeploy is not Ready yet ({following.current(observed.target)})")
    if (snapshot.intent or {}).get("operation") == "ContinueDeployment":  # our answer arrived, only its echo was lost
        return Advance(reason=smoke_checks.summary(snapshot), facts=snapshot.facts.marked("continue"))
    return Fail(
        reason="CodeDeploy went on from Ready without an answer of Tealgate's: somebody continued it, or the "
        "deployment group was changed."
    )


def went_on(observed: Observed) -> bool:
    """Whether what comes after Ready has begun, on any target."""
    after = (target.event("BeforeAllowTraffic") for target in observed.targets)
    return any(event is not None and event.status != "Pending" for event in after)


def _since(observed: Observed) -> datetime | None:
    ended = [event.ended for target in observed.targets for event in target.events if event.ended]
    return max(ended, default=None)


def _held_until(snapshot: Snapshot) -> datetime:
    """Then CodeDeploy stops it soon, whatever our gate says."""
    minutes = sure(snapshot.facts.group).ready_minutes
    return sure(snapshot.facts.ready_at) + timedelta(minutes=minutes) - MARGIN


def _expires(snapshot: Snapshot, held_until: datetime) -> datetime | None:
    """Our own time or CodeDeploy's, whichever ends first."""
    spec = snapshot.step.gate
    return min(sure(snapshot.facts.ready_at) + timedelta(minutes=spec.timeout_minutes), held_until) if spec else None
