"""What is kept of a failure before CodeDeploy has cleaned it away."""

from typing import Any

from deployments.aws.protocol import Gateway
from deployments.aws.values import Target
from deployments.controllers.decisions import Snapshot


def diagnose(snapshot: Snapshot, gateway: Gateway) -> dict[str, Any]:
    settings, slot = snapshot.settings, snapshot.target
    health: tuple[Target, ...] = gateway.target_health(snapshot.target_group(slot)) if slot else ()
    tasks = [
        task
        for task in gateway.tasks(settings.cluster, service=settings.service_name)
        if task.task_definition == snapshot.facts.get("task_definition")
    ]
    stopped = [task for task in tasks if task.stopped]
    shown = (stopped or tasks)[:1]
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
        "log": [
            line for task in shown for line in gateway.log_tail(task.task_definition, task.id, settings.container_name)
        ],
    }
