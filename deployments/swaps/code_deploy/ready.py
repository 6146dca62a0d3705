"""PRE_PRODUCTION_TRAFFIC_SHIFT: CodeDeploy stands in Ready while checks run and people decide.

CodeDeploy stops the deployment when nobody continues it in time, whatever our gate says; so the gate ends before.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws.actions import ContinueDeployment
from deployments.swaps.code_deploy import following
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Wait
from deployments.swaps.facts import sure
from deployments.swaps.steps import marks, smoke_checks, two_slots
from deployments.swaps.steps.gate import at_gate
from deployments.words import full_stop

#: So long before CodeDeploy's own limit our gate ends, for the answer to arrive in time.
MARGIN = timedelta(seconds=30)


def ready(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
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
    waiting = at_gate(
        snapshot,
        now,
        lambda: two_slots.evidence(snapshot, observed, now, code_deployment=deployment.id),
        held_by_aws=True,
        expires_at=_expires(snapshot),
    )
    if waiting:
        return waiting
    if unready := following.unready(snapshot, observed):
        return Fail(reason=f"{full_stop(unready)} CodeDeploy was not told to go on.")
    return continue_ready(snapshot, deployment.id, f"CodeDeploy may shift production ({following.current(target)})")


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
    target = observed.target
    allow = target.event("BeforeAllowTraffic") if target else None
    over = observed.deployment is not None and observed.deployment.is_over
    if not over and (allow is None or allow.status == "Pending"):
        return Wait(reason=f"CodeDeploy is not Ready yet ({following.current(target)})")
    if (snapshot.intent or {}).get("operation") == "ContinueDeployment":  # our answer arrived, only its echo was lost
        return Advance(reason=smoke_checks.summary(snapshot), facts=snapshot.facts.marked("continue"))
    return Fail(
        reason="CodeDeploy went on from Ready without an answer of Tealgate's: somebody continued it, or the "
        "deployment group was changed."
    )


def _since(observed: Observed) -> datetime | None:
    ended = [event.ended for target in observed.targets for event in target.events if event.ended]
    return max(ended, default=None)


def _expires(snapshot: Snapshot) -> datetime | None:
    """Our own time or CodeDeploy's, whichever ends first."""
    spec, minutes = snapshot.step.gate, sure(snapshot.facts.group).ready_minutes
    if spec is None:
        return None
    ready_at = sure(snapshot.facts.ready_at)
    return ready_at + min(timedelta(minutes=spec.timeout_minutes), timedelta(minutes=minutes) - MARGIN)
