"""The way back while ECS moves the traffic: it is told to roll back, and believed only when the rule says so too."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws.actions import Action, ContinueServiceDeployment, StopServiceDeployment
from deployments.aws.values import NativeDeployment
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Wait
from deployments.swaps.ecs import again, ending, following, once_more, owner, put_back
from deployments.swaps.ecs.facts import Snapshot
from deployments.swaps.ecs.observe import Observed, is_started_anew
from deployments.swaps.ecs.starting import FOUND_WITHIN
from deployments.swaps.steps import called, left_to_them, marks, rules
from deployments.vocabulary import Role, Stage, Status

#: So long an UpdateService whose answer was lost may still come into being.
UNHEARD_WITHIN = timedelta(seconds=10)
UNDER_WAY = (Status.ROLLBACK_REQUESTED, Status.ROLLBACK_IN_PROGRESS, Status.STOP_REQUESTED)


def decide(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    return ending.before_the_end(snapshot, observed, _decision(snapshot, observed, now))


def _decision(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    native = observed.native
    if native and (native.status == Status.SUCCESSFUL or is_started_anew(snapshot, observed.service, native)):
        return marks.unheard(snapshot, _roll_back(snapshot, native)) or again.decide(snapshot, observed, now)
    if native and native.status == Status.STOPPED and (theirs := put_back.followed(snapshot, observed)):
        return theirs
    return _STEPS[snapshot.step.stage](snapshot, observed, now)


def _shift_back(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    native, rule = observed.native, observed.production
    if native is None or rule is None:
        if snapshot.facts.service_deployment:
            return Fail(reason="ECS no longer knows the deployment; look at the production rule before anything else.")
        if _may_be_listed_yet(snapshot, now):
            return Wait(reason="ECS was told to deploy and may list the deployment yet")
        return Advance(reason="ECS never started it")
    if wrong := _too_late(snapshot, observed, native):
        return wrong
    if native.status in (Status.PENDING, Status.IN_PROGRESS):
        told = _roll_back(snapshot, native)
        return Wait(reason=told.reason) if marks.done(snapshot, told.mark) else told
    if snapshot.source is None or rule.share(snapshot.target_group(snapshot.source)) == 100:
        return Advance(
            reason=f"All production traffic is on {called.old(snapshot)}", facts=replace(snapshot.facts, percent=0)
        )
    if native.status not in UNDER_WAY and (anew := once_more.followed(snapshot, observed, Role.SOURCE)):
        return anew
    if native.status in UNDER_WAY:
        return Wait(reason=f"ECS moves traffic back; the production rule shows {rules.describe(snapshot, rule)}")
    return Fail(
        reason=f"ECS says {native.status}, but the production rule shows {rules.describe(snapshot, rule)}. "
        "Set the rule right by hand.",
        live=rules.all_on(snapshot, rule),
    )


def _may_be_listed_yet(snapshot: Snapshot, now: datetime) -> bool:
    """Believed too early, ECS would go on with a release that counts as rolled back."""
    if told := snapshot.facts.updated_at:
        return now - told < FOUND_WITHIN
    return now - snapshot.step_started_at < UNHEARD_WITHIN  # nobody knows whether it was told


def _roll_back(snapshot: Snapshot, native: NativeDeployment) -> Act:
    """A waiting hook is answered with ROLLBACK, anything else is stopped."""
    action: Action = StopServiceDeployment(service_deployment=native.arn)
    if hook := native.awaiting:
        action = ContinueServiceDeployment(service_deployment=native.arn, hook=hook.id, answer="ROLLBACK")
    return Act(reason="ECS was told to roll back", action=action, mark=marks.of_try(snapshot, "back"))


def _clean_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    native = observed.native
    if native is None:
        return Advance(reason="There is nothing to remove")
    if wrong := _too_late(snapshot, observed, native):
        return wrong
    if native.status == Status.ROLLBACK_SUCCESSFUL:
        return Advance(reason="ECS rolled it back and removed the release's tasks")
    return Wait(reason="ECS removes the release's tasks")


def _too_late(snapshot: Snapshot, observed: Observed, native: NativeDeployment) -> Fail | None:
    if native.status == Status.STOPPED:
        why = f"ECS stopped it because {following.stopped_by(snapshot, observed)}"
        if following.is_deleted(observed):
            return Fail(reason=left_to_them.of_a_deleted_service(snapshot, why))
        told = left_to_them.told(snapshot, why, following.by_whom(snapshot, observed).strip())
        return Fail(reason=f"{told}{owner.held_by_ours(snapshot, observed.service)} {left_to_them.TO_DO}")
    if native.status == Status.ROLLBACK_FAILED:
        return Fail(
            reason=f"ECS could not roll back: {native.reason or native.rollback_reason or 'no reason given'}",
            live=rules.all_on(snapshot, observed.production),
        )
    return None


_STEPS: Mapping[str, Callable[[Snapshot, Observed, datetime], Decision]] = {
    Stage.PRODUCTION_TRAFFIC_SHIFT: _shift_back,
    Stage.CLEAN_UP: _clean_up,
}
