"""What is kept of a look, and of a failure before its traces are cleaned away."""

from collections.abc import Mapping
from typing import Any

from deployments.aws.protocol import Gateway
from deployments.controllers.decisions import Reading, Snapshot
from deployments.controllers.service_pair.observe import Observed
from deployments.vocabulary import Slot


def readings(snapshot: Snapshot, observed: Observed) -> Mapping[Slot, Reading]:
    """One Reading a slot that was looked at."""
    seen = {}
    for slot in Slot:
        targets, traffic = observed.health.get(slot), observed.traffic.get(slot)
        if targets is None and traffic is None:
            continue
        rule = observed.production
        seen[slot] = Reading(
            percent=rule.share(snapshot.target_group(slot)) if rule else None,
            healthy=observed.healthy(slot) if targets is not None else None,
            targets=len(targets) if targets is not None else None,
            requests=traffic.requests if traffic else None,
            errors_5xx=traffic.errors_5xx if traffic else None,
            latency_ms=traffic.latency_ms if traffic else None,
        )
    return seen


def capture(snapshot: Snapshot, gateway: Gateway) -> dict[str, Any]:
    """Target health, stopped tasks and the log tail of the target. Raises AwsError."""
    target = snapshot.target
    if target is None:
        return {}
    health = gateway.target_health(snapshot.target_group(target))
    tasks = [
        task
        for task in gateway.tasks(snapshot.settings.cluster, service=snapshot.service(target))
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
        "log": list(log),
    }
