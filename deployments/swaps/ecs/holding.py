"""Steps that stand for a PAUSE hook: checks, people, then our answer to ECS."""

from dataclasses import replace
from datetime import datetime

from deployments.aws.actions import ContinueServiceDeployment
from deployments.aws.values import NativeDeployment
from deployments.evidence import verdict
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Wait
from deployments.swaps.ecs import following
from deployments.swaps.ecs.facts import Snapshot
from deployments.swaps.ecs.observe import Observed, serves
from deployments.swaps.ecs.production import watch, watched
from deployments.swaps.steps import marks, one_service_as_planned, smoke_checks, two_slots
from deployments.swaps.steps.gate import at_gate
from deployments.vocabulary import GateStatus, Stage, Status
from deployments.words import full_stop

SCALED_TO_0 = "was set to a desired count of 0"


def held(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    """A step that stands for a PAUSE hook: checks, people, then our answer."""
    native = observed.native
    if native is None:
        return following.gone(snapshot)
    if marks.done(snapshot, f"hook:{snapshot.position}"):
        return Advance(reason=smoke_checks.summary(snapshot) if _checks_here(snapshot) else _decided(snapshot))
    if turned := following.wrong(snapshot, observed):
        return turned
    hook = following.hook_to_answer(snapshot, native)
    if hook is None:
        return _without_hook(snapshot, native, now)
    if _checks_here(snapshot) and (demand := smoke_checks.run(snapshot, now)):
        return demand
    if serves(snapshot) and (speaks_against := watch(snapshot, observed, native)):
        return Fail(reason=speaks_against)
    waiting = at_gate(
        snapshot,
        now,
        lambda: two_slots.evidence(snapshot, observed, now, service_deployment=native.arn),
        held_by_aws=True,
        expires_at=hook.expires_at,
        held_until=hook.expires_at,
    )
    if isinstance(waiting, Wait) and serves(snapshot):
        # Production traffic is on the release: the watch goes on while people think.
        return Wait(reason=f"{waiting.reason}; {two_slots.seen(snapshot, observed)}", at_most=waiting.until)
    if waiting:
        return _with_what_may_pass(snapshot, native, waiting)
    if unfit := _changed_before_traffic(snapshot, observed, native) or _unready(snapshot, observed, native):
        return Fail(reason=f"{full_stop(unfit)} ECS was not told to go on.")
    return Act(
        reason=f"ECS may go on after {Stage(snapshot.step.stage).label.lower()}",
        action=ContinueServiceDeployment(service_deployment=native.arn, hook=hook.id, answer="CONTINUE"),
        mark=f"hook:{snapshot.position}",
        facts=replace(snapshot.facts, answered=(*snapshot.facts.answered, hook.id)),
    )


def _with_what_may_pass(snapshot: Snapshot, native: NativeDeployment, waiting: Decision) -> Decision:
    """Said while people decide; nobody is turned away for it."""
    if not isinstance(waiting, Wait) or native.requested or native.stage == Stage.PRE_SCALE_UP:
        return waiting
    return replace(waiting, reason=f"{waiting.reason}; {snapshot.settings.service_name} {SCALED_TO_0}")


def _unready(snapshot: Snapshot, observed: Observed, native: NativeDeployment) -> str:
    return verdict.unready(watched(snapshot, native), observed.measured)


def _changed_before_traffic(snapshot: Snapshot, observed: Observed, native: NativeDeployment) -> str:
    """What somebody changed since, where the release has no share yet; with one, the watch looks at all of it.

    That ECS still follows this deployment shows that nobody deployed anything else.
    """
    if serves(snapshot):
        return ""
    if not native.requested and native.stage != Stage.PRE_SCALE_UP:
        return f"{snapshot.settings.service_name} {SCALED_TO_0}. It was changed outside Tealgate."
    return one_service_as_planned.rule_changed(snapshot, observed.production, shown_by="rule")


def _checks_here(snapshot: Snapshot) -> bool:
    return snapshot.step.stage == Stage.POST_TEST_TRAFFIC_SHIFT


def _decided(snapshot: Snapshot) -> str:
    return snapshot.gate.reason.capitalize() if snapshot.gate and snapshot.gate.reason else "ECS went on"


def _without_hook(snapshot: Snapshot, native: NativeDeployment, now: datetime) -> Decision:
    stage, gate = snapshot.step.stage, snapshot.gate
    if not following.beyond(native, stage) and native.status != Status.SUCCESSFUL:
        if waits := following.owner_holds(snapshot, native):
            return Wait(reason=waits)
        return Wait(reason=f"ECS is at {native.stage or 'its start'}; the gate opens at {stage}")
    ran_out = any(hook.status == "TIMED_OUT" and hook.timeout_action == "CONTINUE" for hook in native.hooks)
    if ran_out and gate is not None and gate.status == GateStatus.AWAITING_ACTION:
        return at_gate(snapshot, max(now, gate.expires_at), dict) or Advance(reason="ECS went on when its time ran out")
    if ran_out:
        return Advance(reason="ECS went on by itself when the gate's time ran out, as the policy says")
    return Fail(reason=f"ECS went past {stage} without waiting for an answer: its hooks were changed by someone else.")
