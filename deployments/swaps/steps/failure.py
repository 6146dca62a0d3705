"""What is kept of a failure before its traces are cleaned away; the same for every controller that runs tasks."""

from typing import Any

from deployments.aws.protocol import Gateway
from deployments.aws.values import Target, Task
from deployments.swaps.decisions import Snapshot

MOST_TASKS = 5


def capture(snapshot: Snapshot, gateway: Gateway, *, service: str, target_group: str) -> dict[str, Any]:
    """Target health, the release's stopped tasks and the log tail of one; `target_group` "" = none. Raises AwsError."""
    health = gateway.target_health(target_group) if target_group else ()
    tasks = [
        task
        for task in gateway.tasks(snapshot.settings.cluster, service=service)
        if task.task_definition == snapshot.facts.get("task_definition")
    ]
    stopped = [task for task in tasks if task.stopped]
    log: tuple[str, ...] = ()
    if tasks:
        shown = (stopped or tasks)[0]
        log = gateway.log_tail(shown.task_definition, shown.id, snapshot.settings.container_name)
    return {
        "health": [_target(target) for target in health],
        "stopped_tasks": [_task(task) for task in stopped[:MOST_TASKS]],
        "log": list(log),
    }


def _target(target: Target) -> dict[str, str]:
    where = f"{target.id}:{target.port}"
    return {"target": where, "state": target.state, "reason": target.reason, "description": target.description}


def _task(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "reason": task.stopped_reason,
        "stop_code": task.stop_code,
        "exit_codes": dict(task.exit_codes),
        "reasons": dict(task.reasons),
    }
