"""What is kept of a failure before its traces are cleaned away."""

from typing import Any

from deployments.aws.protocol import Gateway
from deployments.controllers.decisions import Snapshot
from deployments.controllers.rolling.observe import read_service


def capture(snapshot: Snapshot, gateway: Gateway) -> dict[str, Any]:
    """Target health, stopped tasks, ECS's events and the log tail of the release. Raises AwsError."""
    service, group = read_service(snapshot, gateway), snapshot.facts.get("target_group")
    health = gateway.target_health(group) if group else ()
    tasks = [
        task
        for task in gateway.tasks(snapshot.settings.cluster, service=snapshot.settings.service_name)
        if task.task_definition == snapshot.facts.get("task_definition")
    ]
    stopped = [task for task in tasks if task.stopped]
    log: tuple[str, ...] = ()
    if tasks:
        shown = (stopped or tasks)[0]
        log = gateway.log_tail(shown.task_definition, shown.id, snapshot.settings.container_name)
    return {
        "health": [
            {"target": f"{t.id}:{t.port}", "state": t.state, "reason": t.reason, "description": t.description}
            for t in health
        ],
        "stopped_tasks": [
            {
                "id": task.id,
                "reason": task.stopped_reason,
                "stop_code": task.stop_code,
                "exit_codes": dict(task.exit_codes),
                "reasons": dict(task.reasons),
            }
            for task in stopped[:5]
        ],
        "events": list(service.events[:10]) if service else [],
        "log": list(log),
    }
