"""The way back while ECS moves the traffic: it is told to roll back, or does so by itself, and is believed with proof.

A service of Express Mode whose deployment AWS does not let us stop is given its previous task definition instead.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws.actions import StopServiceDeployment
from deployments.aws.values import NativeDeployment
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Wait
from deployments.swaps.express import again, as_told, following
from deployments.swaps.express.facts import Snapshot
from deployments.swaps.express.observe import Observed
from deployments.swaps.express.starting import FOUND_WITHIN
from deployments.swaps.steps import left_to_them, marks, one_service_as_planned, pinned
from deployments.vocabulary import Role, Stage, Status

#: So long a call whose answer was lost may still come into being.
UNHEARD_WITHIN = timedelta(seconds=10)


def decide(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    native = observed.native
    stopping = native and native.status not in (Status.PENDING, Status.IN_PROGRESS) and _stop(snapshot, native)
    if stopping and (unheard := marks.unheard(snapshot, stopping)):
        return unheard
    if native and (native.status == Status.SUCCESSFUL or marks.done(snapshot, _refused(snapshot))):
        return again.decide(snapshot, observed, native, now)
    if native is not None and native.status == Status.STOPPED and (theirs := _put_back(snapshot, observed)):
        return theirs
    return _STEPS[snapshot.step.stage](snapshot, observed, now)


def _shift_back(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    native = observed.native
    if native is None:
        return _not_there(snapshot, now)
    if wrong := _too_late(snapshot, observed, native):
        return wrong
    if native.status in (Status.PENDING, Status.IN_PROGRESS):
        return _roll_back(snapshot, native)
    live = as_told.on_rule(snapshot, observed.rule)
    over = native.status == Status.ROLLBACK_SUCCESSFUL
    if live is Role.SOURCE or (over and observed.rule is None):
        return Advance(
            reason="All production traffic is on the previous release",
            facts=replace(snapshot.facts, percent=0),
            live=Role.SOURCE,
        )
    if not over:
        shown = as_told.share(snapshot, observed.rule)
        return Wait(reason=f"ECS moves traffic back; the release has {shown} of it")
    return Fail(
        reason=f"ECS says {native.status}, but its rule still shows {as_told.share(snapshot, observed.rule)} on the "
        "release's target group. The rule is ECS's: deploy the release that you want once more.",
        live=live,
    )


def _not_there(snapshot: Snapshot, now: datetime) -> Decision:
    """Believed too early, ECS would go on with a release that counts as rolled back."""
    if snapshot.facts.service_deployment:
        return Fail(reason="ECS no longer knows the deployment; look at the service before anything else.")
    told = snapshot.facts.updated_at
    may_be_listed = now - told < FOUND_WITHIN if told else now - snapshot.step_started_at < UNHEARD_WITHIN
    if may_be_listed:
        return Wait(reason="ECS was told to deploy and may list the deployment yet")
    return Advance(reason="ECS never started it")


def _roll_back(snapshot: Snapshot, native: NativeDeployment) -> Act | Wait:
    stop = _stop(snapshot, native)
    return Wait(reason=stop.reason) if marks.done(snapshot, stop.mark) else stop


def _stop(snapshot: Snapshot, native: NativeDeployment) -> Act:
    return Act(
        reason="ECS was told to roll back",
        action=StopServiceDeployment(service_deployment=native.arn),
        mark=marks.of_try(snapshot, "back"),
        if_refused=snapshot.facts.marked(_refused(snapshot)),
    )


def _refused(snapshot: Snapshot) -> str:
    return marks.of_try(snapshot, "stop_refused")


def _clean_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    native = observed.native
    if native is None:
        return Advance(reason="There is nothing to remove")
    if wrong := _too_late(snapshot, observed, native):
        return wrong
    if native.status != Status.ROLLBACK_SUCCESSFUL:
        return Wait(reason="ECS removes the release's tasks")
    if missing := as_told.not_proven(snapshot, observed, Role.SOURCE):
        return Fail(
            reason=f"ECS says that it rolled back, but that is not what runs. {missing} Deploy the release that you "
            "want.",
            live=as_told.on_rule(snapshot, observed.rule),
        )
    return Advance(reason="ECS rolled it back and removed the release's tasks", live=Role.SOURCE)


def _put_back(snapshot: Snapshot, observed: Observed) -> Decision | None:
    """Somebody else's deployment took ours off and puts the source back, as we would: it is waited for, and judged."""
    service = observed.service
    if service is None or as_told.differs_from_before(snapshot, observed):
        return None
    words, whose = pinned.words(snapshot.facts), one_service_as_planned.deployment_of(service)
    if len(service.deployments) > 1:
        return Wait(reason=f"{whose[:1].upper()}{whose[1:]} deploys {words} again already; it is waited for")
    return Advance(
        reason=f"{words} was deployed again already, by {whose}",
        facts=replace(snapshot.facts, percent=0),
        live=Role.SOURCE,
    )


def _too_late(snapshot: Snapshot, observed: Observed, native: NativeDeployment) -> Fail | None:
    if native.status == Status.STOPPED:
        why = f"ECS stopped it because {following.stopped_by(snapshot, observed)}"
        if following.is_deleted(observed):
            return Fail(reason=left_to_them.of_a_deleted_service(snapshot, why))
        return Fail(reason=f"{left_to_them.told(snapshot, why)} {left_to_them.TO_DO}")
    if native.status == Status.ROLLBACK_FAILED:
        return Fail(
            reason=f"ECS could not roll back: {native.reason or native.rollback_reason or 'no reason given'}",
            live=as_told.on_rule(snapshot, observed.rule),
        )
    return None


_STEPS: Mapping[str, Callable[[Snapshot, Observed, datetime], Decision]] = {
    Stage.PRODUCTION_TRAFFIC_SHIFT: _shift_back,
    Stage.CLEAN_UP: _clean_up,
}
