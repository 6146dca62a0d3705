"""Forward, before anything is started: RECONCILE_SERVICE and PRE_SCALE_UP."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from deployments.aws.actions import RegisterTaskDefinition, RunTask, StopTask
from deployments.controllers.decisions import Act, Advance, Decision, Fail, Note, Snapshot, Wait
from deployments.controllers.gates import at_gate
from deployments.controllers.service_pair import evidence, marks, weights
from deployments.controllers.service_pair.observe import Observed, started_by
from deployments.controllers.service_pair.task_definition import (
    DEPLOYMENT_TAG,
    MissingContainer,
    difference,
    with_release,
)


def reconcile(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    report = observed.report
    if report is None:
        raise ValueError("preflight was not run")
    preflight = {"preflight": report.as_json()}
    if not report.passed:
        first = report.errors[0]
        more = f" ({len(report.errors) - 1} more error(s))" if len(report.errors) > 1 else ""
        return Fail(reason=f"Preflight stopped it: {first.seen} {first.fix}{more}".strip(), facts=preflight)
    rule = observed.production
    if rule is None or len(rule.live) != 1 or weights.strangers(snapshot, rule):
        seen = weights.describe(snapshot, rule) if rule else "nothing"
        return Fail(reason=f"Exactly one slot has to be live, but the production rule shows {seen}.")
    source = snapshot.settings.slot_of(rule.live[0])
    live, service = observed.live_definition, observed.services.get(source) if source else None
    if source is None or live is None or service is None or service.running == 0:
        return Fail(reason=f"The live slot {source or 'unknown'} has traffic but no running tasks to compare with.")
    try:
        document = with_release(live, snapshot.artefact)
    except MissingContainer as error:
        return Fail(reason=str(error))
    if not marks.done(snapshot, "register"):
        return _register(snapshot, observed, document)
    return Advance(
        reason=f"{source.value.capitalize()} is live with {service.running} task(s); "
        f"{snapshot.artefact.version} goes to {source.other.value}",
        slots=(source, source.other),
        facts=preflight
        | {
            "source_task_definition": live.arn,
            "desired": max(service.desired, 1),
            "weights": dict(rule.weights),
            "percent": 0,
            "difference": [list(line) for line in difference(live.document, document)],
        },
    )


def _register(snapshot: Snapshot, observed: Observed, document: Mapping[str, object]) -> Decision:
    tag = {DEPLOYMENT_TAG: snapshot.key, "tealgate:release": snapshot.artefact.version}
    live_tags = dict(observed.live_definition.tags) if observed.live_definition else {}
    found = observed.registered
    return Act(
        reason=f"Task definition for {snapshot.artefact.version} registered",
        action=RegisterTaskDefinition(document=document, tags=live_tags | tag),
        makes="task_definition",
        found=found.arn if found else "",
        facts={"done": marks.mark(snapshot, "register")},
    )


def pre_scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    waiting = at_gate(snapshot, now, lambda: evidence.collect(snapshot, observed, now))
    if waiting:
        return waiting
    finished = list(snapshot.facts.get("tasks", ()))
    if len(finished) == len(snapshot.settings.one_off_tasks):
        names = ", ".join(task["name"] for task in finished)
        return Advance(reason=f"One-off tasks done: {names}" if names else "Nothing to run")
    index = len(finished)
    spec = snapshot.settings.one_off_tasks[index]
    container = spec.container or snapshot.settings.container_name
    task = observed.task
    if not marks.done(snapshot, f"task:{index}"):
        name = started_by(snapshot, index)
        return Act(
            reason=f"{spec.name}: {' '.join(spec.command)} started as a one-off task",
            action=RunTask(
                cluster=snapshot.settings.cluster,
                like_service=snapshot.service(marks.slots(snapshot)[0]),
                task_definition=snapshot.facts["task_definition"],
                container=container,
                command=spec.command,
                client_token=name,
                started_by=name,
            ),
            found=task.arn if task else "",
            makes="task",
            facts={"done": marks.mark(snapshot, f"task:{index}"), "task_started_at": now.isoformat()},
        )
    started = datetime.fromisoformat(snapshot.facts["task_started_at"])
    late = now - started > timedelta(seconds=spec.timeout_seconds)
    if task is None and not late:
        return Wait(reason=f"{spec.name} is being started")
    if task is None or not task.stopped:
        if not late:
            return Wait(reason=f"{spec.name} is running ({task.last_status.lower() if task else 'unknown'})")
        return _task_too_late(snapshot, index, spec.name, spec.timeout_seconds)
    code = task.exit_codes.get(container)
    record = {"name": spec.name, "task": task.arn, "exit_code": code, "log": list(observed.log)}
    facts = {"tasks": [*finished, record]}
    if code == 0:
        return Note(reason=f"{spec.name} ended with exit code 0", facts=facts)
    why = task.reasons.get(container) or task.stopped_reason or "no reason given"
    ended = f"exit code {code}" if code is not None else f"no exit code ({why})"
    last = f" Last line: {observed.log[-1]}" if observed.log else ""
    return Fail(reason=f"{spec.name} ended with {ended}.{last}", facts=facts)


def _task_too_late(snapshot: Snapshot, index: int, name: str, timeout: int) -> Decision:
    sentence = f"{name} did not end within {timeout} s"
    if marks.done(snapshot, f"stop_task:{index}"):
        return Fail(reason=f"{sentence} and was stopped.")
    return Act(
        reason=f"{sentence}; stopping it",
        action=StopTask(cluster=snapshot.settings.cluster, task=snapshot.facts["task"], reason=sentence),
        facts={"done": marks.mark(snapshot, f"stop_task:{index}")},
    )
