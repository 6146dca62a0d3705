"""One-off tasks of PRE_SCALE_UP, such as a database migration: one after another, with the release's revision.

The token of each is the deployment's own, so that a task whose start was not heard of is found again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from deployments.aws.actions import Made, RunTask, StopTask
from deployments.aws.protocol import Gateway
from deployments.aws.values import Task
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Snapshot, Wait
from deployments.swaps.facts import Facts, sure
from deployments.swaps.reports import OneOffTaskRun
from deployments.swaps.steps import marks
from deployments.swaps.steps.gate import is_waiting
from deployments.words import duration_words, joined

#: stopCode of a task that came to its own end: SIGTERM makes many a command exit with 0 half way through its work.
OWN_END = "EssentialContainerExited"
#: of one that never ran
NEVER_RAN = "TaskFailedToStart"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The task that runs or ran last; the log's tail once it has ended."""

    task: Task | None = None
    log: tuple[str, ...] = ()


def started_by(snapshot: Snapshot[Facts], index: int) -> str:
    return f"tealgate-{snapshot.key}-{index}"


def observe(snapshot: Snapshot[Facts], gateway: Gateway, now: datetime) -> Seen:
    index = len(snapshot.facts.tasks)
    if is_waiting(snapshot, now) or index >= len(snapshot.settings.one_off_tasks):
        return Seen()
    if not may_be_started(snapshot, index):
        return Seen()
    found = gateway.tasks(snapshot.settings.cluster, started_by=started_by(snapshot, index))
    if not found:
        return Seen()
    task = found[0]
    if not task.stopped:
        return Seen(task=task)
    container = snapshot.settings.one_off_tasks[index].container or snapshot.settings.container_name
    return Seen(task=task, log=gateway.log_tail(task.task_definition, task.id, container))


def may_be_started(snapshot: Snapshot[Facts], index: int) -> bool:
    return snapshot.intent is not None or marks.done(snapshot, f"task:{index}")


def starts_one(snapshot: Snapshot[Facts], now: datetime) -> bool:
    """Whether nothing is in the way of starting the next one now."""
    index = len(snapshot.facts.tasks)
    if is_waiting(snapshot, now) or index >= len(snapshot.settings.one_off_tasks):
        return False
    return not marks.done(snapshot, f"task:{index}")


def left_running(snapshot: Snapshot[Facts]) -> str:
    """Name of the task that was started and whose end was not seen; "" when there is none. Nobody stops it half way."""
    index = len(snapshot.facts.tasks)
    if not marks.done(snapshot, f"task:{index}") or marks.done(snapshot, f"stop_task:{index}"):
        return ""
    return snapshot.settings.one_off_tasks[index].name


def all_that_happened(snapshot: Snapshot[Facts]) -> str:
    """What stands after a deployment that ended before it changed a service or moved traffic, in a sentence."""
    ran = [_how_it_ended(task) for task in snapshot.facts.tasks]
    if started := _started(snapshot):
        ran.append(started)
    if not ran:
        return "Production was not touched: Tealgate moved no traffic and changed no service."
    which = "a one-off task" if len(ran) == 1 else "one-off tasks"
    return (
        f"Tealgate moved no traffic and changed no service, but {which} of {snapshot.artefact.version} ran: "
        f"{joined(ran)}. What was changed by it, in a database for instance, stays."
    )


def _how_it_ended(task: OneOffTaskRun) -> str:
    return f"{task.name} (exit code {task.exit_code})" if task.exit_code is not None else task.name


def _started(snapshot: Snapshot[Facts]) -> str:
    """The task whose end was not seen; "" when each was, or none was started."""
    index = len(snapshot.facts.tasks)
    if index >= len(snapshot.settings.one_off_tasks):
        return ""
    name = snapshot.settings.one_off_tasks[index].name
    if marks.done(snapshot, f"task:{index}"):
        return name
    return f"{name} (whether it was started nobody heard)" if marks.may_have_happened(snapshot, "RunTask") else ""


def decide(snapshot: Snapshot[Facts], seen: Seen, now: datetime, *, like_service: str) -> Decision:
    """Start, wait, note or stop; Advance when all have come to their own end with exit code 0."""
    finished = snapshot.facts.tasks
    if len(finished) == len(snapshot.settings.one_off_tasks):
        names = ", ".join(task.name for task in finished)
        return Advance(
            reason=f"One-off {'task' if len(finished) == 1 else 'tasks'} done: {names}" if names else "Nothing to run"
        )
    index = len(finished)
    if not marks.done(snapshot, f"task:{index}"):
        return _start(snapshot, seen, index, now, like_service)
    spec, task = snapshot.settings.one_off_tasks[index], seen.task
    started = sure(snapshot.facts.task_started_at)
    late = now - started > timedelta(seconds=spec.timeout_seconds)
    if task is None and not late:
        return Wait(reason=f"{spec.name} is being started")
    if task is None or not task.stopped:
        if not late:
            return Wait(reason=f"{spec.name} is running ({task.last_status.lower() if task else 'unknown'})")
        return _too_late(snapshot, index, spec.name, spec.timeout_seconds)
    return _ended(snapshot, task, seen.log, finished)


def _start(snapshot: Snapshot[Facts], seen: Seen, index: int, now: datetime, like_service: str) -> Act:
    spec, name = snapshot.settings.one_off_tasks[index], started_by(snapshot, index)
    return Act(
        reason=f"{spec.name}: {' '.join(spec.command)} started as a one-off task",
        action=RunTask(
            cluster=snapshot.settings.cluster,
            like_service=like_service,
            task_definition=sure(snapshot.facts.task_definition),
            container=spec.container or snapshot.settings.container_name,
            command=spec.command,
            client_token=name,
            started_by=name,
        ),
        found=Made(task=seen.task.arn) if seen.task else None,
        mark=f"task:{index}",
        facts=replace(snapshot.facts, task_started_at=now),
    )


def _ended(
    snapshot: Snapshot[Facts], task: Task, log: tuple[str, ...], finished: tuple[OneOffTaskRun, ...]
) -> Decision:
    spec = snapshot.settings.one_off_tasks[len(finished)]
    container = spec.container or snapshot.settings.container_name
    stopped_by_us = marks.done(snapshot, f"stop_task:{len(finished)}")
    cut_short = (
        f"did not end within {duration_words(spec.timeout_seconds)} and was stopped"
        if stopped_by_us
        else _cut_short(task)
    )
    code = task.exit_codes.get(container)
    run = OneOffTaskRun(name=spec.name, task=task.arn, exit_code=code, cut_short=cut_short, log=log)
    facts = replace(snapshot.facts, tasks=(*finished, run))
    if code == 0 and not cut_short:
        return Note(reason=f"{spec.name} ended with exit code 0", facts=facts)
    why = task.reasons.get(container) or task.stopped_reason or "no reason given"
    ended = f"exit code {code}" if code is not None else f"no exit code ({why})"
    last = f" Last line: {log[-1]}" if log else ""
    if cut_short:
        look = "How far it came only its log can tell: read that before you deploy again."
        return Fail(reason=f"{spec.name} {cut_short}; it ended with {ended}. {look}{last}", facts=facts)
    return Fail(reason=f"{spec.name} ended with {ended}.{last}", facts=facts)


def _cut_short(task: Task) -> str:
    """In words that follow its name; "" where ECS says that it came to its own end, or never ran."""
    if task.stop_code in (OWN_END, NEVER_RAN):
        return ""
    if not task.stop_code:
        return "stopped, and ECS does not say that this was its own end"
    why = f"{task.stop_code}: {task.stopped_reason}" if task.stopped_reason else task.stop_code
    return f"was stopped before its own end ({why.rstrip('.')})"


def _too_late(snapshot: Snapshot[Facts], index: int, name: str, timeout: int) -> Decision:
    sentence = f"{name} did not end within {duration_words(timeout)}"
    if marks.done(snapshot, f"stop_task:{index}"):
        return Fail(reason=f"{sentence} and was stopped.")
    return Act(
        reason=f"{sentence}; stopping it",
        action=StopTask(cluster=snapshot.settings.cluster, task=sure(snapshot.facts.task), reason=sentence),
        mark=f"stop_task:{index}",
    )
