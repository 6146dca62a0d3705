"""What is kept of a failure before its traces are cleaned away; the same for every controller that runs tasks."""

from deployments.aws.protocol import Gateway
from deployments.aws.values import Target, Task
from deployments.swaps.decisions import Snapshot
from deployments.swaps.facts import Facts
from deployments.swaps.reports import Failure, StoppedTask, TargetState

MOST_TASKS = 5


def capture(snapshot: Snapshot[Facts], gateway: Gateway, *, service: str, target_group: str) -> Failure:
    """Target health, the release's stopped tasks and the log tail of one; `target_group` "" = none. Raises AwsError."""
    health = gateway.target_health(target_group) if target_group else ()
    tasks = [
        task
        for task in gateway.tasks(snapshot.settings.cluster, service=service)
        if task.task_definition == snapshot.facts.task_definition
    ]
    stopped = [task for task in tasks if task.stopped]
    log: tuple[str, ...] = ()
    if tasks:
        shown = (stopped or tasks)[0]
        log = gateway.log_tail(shown.task_definition, shown.id, snapshot.settings.container_name)
    return Failure(
        health=tuple(_target(target) for target in health),
        stopped_tasks=tuple(_task(task) for task in stopped[:MOST_TASKS]),
        log=log,
    )


def _target(target: Target) -> TargetState:
    where = f"{target.id}:{target.port}"
    return TargetState(target=where, state=target.state, reason=target.reason, description=target.description)


def _task(task: Task) -> StoppedTask:
    return StoppedTask(
        id=task.id,
        reason=task.stopped_reason,
        stop_code=task.stop_code,
        exit_codes=dict(task.exit_codes),
        reasons=dict(task.reasons),
    )
