"""Forward, BAKE_TIME: all tasks run the release; alarms, 5xx and latency may still speak against it."""

from datetime import datetime, timedelta

from deployments.aws.values import Service
from deployments.evidence import verdict
from deployments.swaps.decisions import Advance, Decision, Fail, Wait
from deployments.swaps.facts import sure
from deployments.swaps.rolling import gate_evidence, neighbours, rollout, trouble, without_tasks
from deployments.swaps.rolling.facts import Snapshot
from deployments.swaps.rolling.observe import Observed
from deployments.swaps.rolling.watched import watched
from deployments.swaps.steps import doubts, too_few, unwatched
from deployments.swaps.steps.gate import at_gate
from deployments.swaps.steps.task_definition import short
from deployments.words import clock_words, duration_words, tasks_run


def bake(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    service = observed.service
    if without_tasks.are_wanted(snapshot, service):
        return _nothing_to_watch(snapshot, observed, now)
    if problem := _problem(snapshot, observed):
        return Fail(reason=problem)
    if service and service.primary and (anew := neighbours.release_restarted(snapshot, service)):
        return neighbours.follow(snapshot, service.primary, anew, now)
    seen = _summary(snapshot, observed)
    until = snapshot.step_started_at + timedelta(seconds=snapshot.step.bake_seconds)
    if now < until:
        return Wait(reason=f"Watching until {clock_words(until, now)} UTC: {seen}", at_most=until)
    few = verdict.too_few(watched(snapshot), observed.measured)
    if more := too_few.wait(snapshot, few, until, seen, now):
        return more
    asked = too_few.asked(snapshot, few)
    waiting = at_gate(snapshot, now, lambda: gate_evidence.collect(snapshot, observed, now), asked=asked)
    if isinstance(waiting, Wait):
        # All traffic is on the release: the watch goes on while people think.
        return Wait(reason=f"{waiting.reason}; {seen}", at_most=waiting.until)
    end = waiting or _end(snapshot, service, seen, now)
    if isinstance(end, Advance):
        return doubts.said(snapshot, end, watched(snapshot), observed.measured)
    return end


def _nothing_to_watch(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    if differs := neighbours.difference(neighbours.release(snapshot), observed.service):
        return Fail(reason=differs)
    asked = at_gate(snapshot, now, lambda: gate_evidence.collect(snapshot, observed, now))
    return asked or Advance(reason=f"{snapshot.artefact.version} runs no task that could be watched")


def _problem(snapshot: Snapshot, observed: Observed) -> str:
    against = _service_problem(snapshot, observed)
    desired = observed.service.desired if observed.service else None
    return against or verdict.problem(watched(snapshot, desired), observed.measured)


def _service_problem(snapshot: Snapshot, observed: Observed) -> str:
    service = observed.service
    if service and service.task_definition == snapshot.facts.source_task_definition:
        return f"{service.name} was put back to {short(service.task_definition)}, by ECS itself or by somebody."
    if differs := neighbours.difference(neighbours.release(snapshot), service, observed.tasks):
        return differs
    if service is None or service.primary is None:
        return f"ECS shows no deployment on {snapshot.settings.service_name} any more."
    if service.primary.rollout_state == "FAILED":
        version, reason = snapshot.artefact.version, service.primary.rollout_reason
        return f"ECS gave up {version} on {service.name}: {reason} {trouble.why(observed)}"
    if service.desired and not service.running:
        return f"No task of {service.name} runs."
    if service.running * 2 < service.desired:
        return f"Only {service.running} of {service.desired} tasks of {service.name} run."
    return ""


def _end(snapshot: Snapshot, service: Service | None, seen: str, now: datetime) -> Decision:
    """What somebody started anew meanwhile has to come to its own end first, and gets the time that a release has."""
    primary = service.primary if service else None
    if service is None or primary is None or primary.rollout_state != "IN_PROGRESS":
        return Advance(reason=seen)
    allowed = snapshot.settings.scale_up_timeout_seconds
    if now - unwatched.counted_from(snapshot.facts, sure(snapshot.facts.updated_at)) > timedelta(seconds=allowed):
        return Fail(
            reason=f"{primary.id}, which somebody started, was not done after {duration_words(allowed)}: {seen}"
        )
    return Wait(reason=f"ECS still replaces tasks by others of the same release: {rollout.describe(service)}")


def _summary(snapshot: Snapshot, observed: Observed) -> str:
    service = observed.service
    tasks = tasks_run(service.running, service.desired) if service else "nothing was read"
    seen = verdict.summary(watched(snapshot), observed.measured)
    return f"{tasks}; {seen}" if seen else tasks
