"""Forward, BAKE_TIME: all tasks run the release; alarms, 5xx and latency may still speak against it."""

from datetime import datetime, timedelta

from deployments.aws.values import Service
from deployments.evidence import verdict
from deployments.swaps.decisions import Advance, Decision, Fail, Wait
from deployments.swaps.facts import sure
from deployments.swaps.rolling import gate_evidence
from deployments.swaps.rolling.facts import Snapshot
from deployments.swaps.rolling.observe import Observed
from deployments.swaps.rolling.watched import watched
from deployments.swaps.steps.gate import at_gate
from deployments.swaps.steps.task_definition import short
from deployments.words import counted


def bake(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    if problem := _problem(snapshot, observed):
        return Fail(reason=problem)
    seen = _summary(snapshot, observed)
    until = snapshot.step_started_at + timedelta(seconds=snapshot.step.bake_seconds)
    if now < until:
        return Wait(reason=f"Watching until {until:%H:%M:%S} UTC: {seen}", at_most=until)
    waiting = at_gate(snapshot, now, lambda: gate_evidence.collect(snapshot, observed, now))
    if isinstance(waiting, Wait):
        # All traffic is on the release: the watch goes on while people think.
        return Wait(reason=f"{waiting.reason}; {seen}", at_most=waiting.until)
    return waiting or Advance(reason=seen)


def _problem(snapshot: Snapshot, observed: Observed) -> str:
    against = _service_problem(snapshot, observed.service)
    desired = observed.service.desired if observed.service else None
    return against or verdict.problem(watched(snapshot, desired), observed.measured)


def _service_problem(snapshot: Snapshot, service: Service | None) -> str:
    name, wanted = snapshot.settings.service_name, snapshot.facts.task_definition
    if service is None or service.status != "ACTIVE":
        return f"Service {name} {f'is {service.status}' if service else 'does not exist any more'}."
    if service.task_definition == snapshot.facts.source_task_definition:
        return f"{name} was put back to {short(service.task_definition)}, by ECS itself or by somebody."
    if service.task_definition != wanted:
        return f"Someone else put {short(service.task_definition)} on {name}; it was left alone."
    if service.primary is None or service.primary.id != sure(snapshot.facts.ecs_deployment):
        return f"Someone else started another deployment of {short(wanted)} on {name}."
    if service.running * 2 < service.desired or not service.desired:
        return f"Only {service.running} of {counted(service.desired, f'task of {name} runs', f'tasks of {name} run')}."
    return ""


def _summary(snapshot: Snapshot, observed: Observed) -> str:
    service = observed.service
    tasks = (
        f"{service.running} of {counted(service.desired, 'task runs', 'tasks run')}" if service else "nothing was read"
    )
    seen = verdict.summary(watched(snapshot), observed.measured)
    return f"{tasks}; {seen}" if seen else tasks
