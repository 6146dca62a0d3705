"""Forward, SCALE_UP: the release beside the live one, until all its targets are healthy."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil

from deployments.aws.actions import UpdateService
from deployments.aws.values import Service
from deployments.evidence import targets
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Wait
from deployments.swaps.facts import sure
from deployments.swaps.service_pair import marks, planned, watch, weights
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.swaps.service_pair.scaling import set_scaling
from deployments.swaps.steps import called, watching
from deployments.vocabulary import Slot
from deployments.words import counted, duration_words, full_stop


def scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    source, target = marks.slots(snapshot)
    for slot in (source, target):
        if slot not in observed.services:
            return Fail(
                reason=f"Service {snapshot.service(slot)} (of {called.on(snapshot, slot)}) does not exist any more."
            )
    if changed := _changed_meanwhile(snapshot, observed):
        return Fail(reason=changed)
    if act := set_scaling(snapshot, observed, target, suspended=True, mark="suspend_target"):
        return act
    wanted, service = snapshot.facts.desired, observed.services[target]
    if not marks.done(snapshot, "scale_up"):
        return Act(
            reason=f"{snapshot.service(target)} scaled to {counted(wanted, 'task')} of {snapshot.artefact.version}",
            action=UpdateService(
                cluster=snapshot.settings.cluster,
                service=snapshot.service(target),
                task_definition=sure(snapshot.facts.task_definition),
                desired=wanted,
            ),
            mark="scale_up",
            facts=replace(snapshot.facts, scaled_at=now),
        )
    if failure := _scale_up_failure(snapshot, observed, service, now):
        return Fail(reason=failure)
    healthy = observed.healthy(target)
    mine = service.task_definition == snapshot.facts.task_definition
    if mine and service.steady and service.running >= wanted and healthy >= wanted:
        return Advance(
            reason=targets.healthy_of(healthy, wanted, called.new(snapshot)),
            facts=replace(snapshot.facts, healthy_at=now),
        )
    return Wait(
        reason=f"{_progress(service, healthy, wanted)}; {watch.describe_health(observed, target)}",
        facts=watching.remembered(snapshot.facts, targets.of(observed.measured, target)),
    )


def _changed_meanwhile(snapshot: Snapshot, observed: Observed) -> str:
    """Before the first write: people may have thought about a gate for days, and the idle slot may be live by now."""
    if marks.done(snapshot, "suspend_target", "scale_up"):
        return ""
    return weights.changed_by_someone_else(snapshot, observed)


def _progress(service: Service, healthy: int, wanted: int) -> str:
    run = counted(wanted, "task runs", "tasks run")
    return f"{service.running} of {run}, {healthy} of {counted(wanted, 'target')} healthy"


def _health_words(snapshot: Snapshot, observed: Observed, target: Slot) -> str:
    """What was seen last; else ECS's word on the task that it replaced between two looks."""
    if seen := watching.last_unhealthy(snapshot.facts, targets.of(observed.measured, target)):
        return seen
    return _told_by_ecs(observed, target, snapshot.target_group(target)) or watch.describe_health(observed, target)


def _told_by_ecs(observed: Observed, target: Slot, group: str) -> str:
    """Such as "(task …) (port 8000) is unhealthy in (target-group shop-green) due to (reason … codes: [503])"."""
    for event in observed.services[target].events:
        if "has reached a steady state" in event:  # what comes now is about an earlier release
            return ""
        if "is unhealthy in" in event and group in event:
            return event.replace(group, group.split("/")[1])
    return ""


def _scale_up_failure(snapshot: Snapshot, observed: Observed, service: Service, now: datetime) -> str:
    _, target = marks.slots(snapshot)
    wanted, primary = snapshot.facts.desired, service.primary
    health = _health_words(snapshot, observed, target)
    if service.status != "ACTIVE":
        return f"Service {service.name} is {service.status}, so nothing can be started in it."
    if primary and planned.is_put_back_by_ecs(service):
        return f"ECS gave up on {service.name}: {full_stop(primary.rollout_reason)} Targets: {health}"
    if primary and primary.task_definition == snapshot.facts.task_definition:
        if primary.rollout_state == "FAILED":
            return f"ECS gave up on {service.name}: {primary.rollout_reason}. Targets: {health}"
        # ECS's own circuit breaker: half of the wanted tasks, at least 3 and at most 200.
        most = min(max(ceil(wanted / 2), 3), 200)
        if primary.failed_tasks >= most:
            failed = counted(primary.failed_tasks, "task")
            return f"{failed} of {snapshot.artefact.version} failed in a row. Targets: {health}"
    most = snapshot.settings.scale_up_timeout_seconds
    if now - snapshot.step_started_at > timedelta(seconds=most):
        return (
            f"{snapshot.artefact.version} was not healthy after {duration_words(most)}: "
            f"{_progress(service, observed.healthy(target), wanted)}; {health}"
        )
    return ""
