"""Reading ECS's own deployment: is it past a stage, which hook waits for us, has it been turned back."""

from dataclasses import replace

from deployments.aws.actions import ContinueServiceDeployment
from deployments.aws.values import NativeDeployment, PauseHook
from deployments.swaps.decisions import Act, Fail
from deployments.swaps.ecs import functions
from deployments.swaps.ecs.facts import Snapshot
from deployments.swaps.ecs.observe import Observed
from deployments.swaps.ecs.plan import hooks, pauses
from deployments.swaps.steps import as_planned, one_service_as_planned
from deployments.swaps.steps.service_deployments import TURNED_BACK as TURNED_BACK
from deployments.swaps.steps.service_deployments import beyond as beyond
from deployments.vocabulary import Status
from deployments.words import full_stop


def hook_to_answer(snapshot: Snapshot, native: NativeDeployment) -> PauseHook | None:
    """The one to answer: it waits and has no answer from us yet, or our answer was under way."""
    if owners_pause(snapshot, native):
        return None
    answered, intent = snapshot.facts.answered, snapshot.intent or {}
    in_flight = intent.get("hook") if intent.get("operation") == "ContinueServiceDeployment" else None
    for hook in native.hooks:
        if hook.id in answered:
            continue
        if hook.status == "AWAITING_ACTION" or hook.id == in_flight:
            return hook
    return None


def go_on(snapshot: Snapshot, native: NativeDeployment, hook: PauseHook, reason: str) -> Act:
    """Answer the hook of a deployment that is not ours, once."""
    return Act(
        reason=reason,
        action=ContinueServiceDeployment(service_deployment=native.arn, hook=hook.id, answer="CONTINUE"),
        facts=replace(snapshot.facts, answered=(*snapshot.facts.answered, hook.id)),
        mark=f"hook:{hook.id}",
    )


def owners_pause(snapshot: Snapshot, native: NativeDeployment) -> str:
    """In a sentence, where ECS waits at a pause that is not ours to answer; "" = it does not."""
    before = snapshot.facts.configuration_before or {}
    theirs = pauses(before) - pauses({"lifecycleHooks": hooks(snapshot.settings)})
    if native.awaiting is None or native.stage not in theirs:
        return ""
    return f"ECS waits at {native.stage} for an answer to a pause that the service's owner has set there"


def owner_holds(snapshot: Snapshot, native: NativeDeployment) -> str:
    """In a sentence, what of the owner's ECS waits for: a pause that is not ours to answer, or a function."""
    if waits := owners_pause(snapshot, native):
        return waits
    runs = functions.running(native)
    return f"ECS waits at {native.stage} for {runs}, the owner's hook" if runs else ""


def wrong(snapshot: Snapshot, observed: Observed) -> Fail | None:
    native = observed.native
    if native is None:
        return gone(snapshot)
    if native.status not in TURNED_BACK:
        return None
    why = native.rollback_reason or native.reason
    if any(hook.status == "TIMED_OUT" for hook in native.hooks):
        why = f"nobody answered its pause hook in time{f' ({why})' if why else ''}"
    why = why or "no reason given"
    if native.status in (Status.STOP_REQUESTED, Status.STOPPED):
        stopped = f"ECS stopped it because {stopped_by(snapshot, observed)}: {why}"
        whose = by_whom(snapshot, observed)
        return Fail(reason=f"{full_stop(stopped)}{whose}" if whose else stopped)
    by_hook = functions.failed(native)
    said = f"ECS turned it back: {full_stop(why)} {by_hook}" if by_hook else f"ECS turned it back: {why}"
    return Fail(reason=said, followed=True)


def stopped_by(snapshot: Snapshot, observed: Observed) -> str:
    if is_deleted(observed):
        return f"the service {snapshot.settings.service_name} was deleted"
    return "another deployment of the service was started"


def is_deleted(observed: Observed) -> bool:
    return observed.service is None or observed.service.status != "ACTIVE"


def by_whom(snapshot: Snapshot, observed: Observed) -> str:
    """What that other deployment put there, in a sentence with a space before it; "" when nobody is there."""
    service = observed.service
    if service is None or service.status != "ACTIVE":
        return ""
    planned, primary = one_service_as_planned.target(snapshot), service.primary
    whose = one_service_as_planned.deployment_of(service)
    if found := as_planned.difference(planned, service):
        return f" {one_service_as_planned.told(found, whose)}"
    again = as_planned.restarted(planned, service, "another") if primary else ""
    return f" {again[:1].upper()}{again[1:]} ({whose})." if again else ""


def gone(snapshot: Snapshot) -> Fail:
    known = snapshot.facts.service_deployment
    return Fail(
        reason=f"ECS no longer knows the deployment {known}: the service {snapshot.settings.service_name} was deleted "
        "or made anew."
    )
