"""What an approver sees at a gate, frozen at the moment it opens."""

from datetime import datetime
from typing import Any

from deployments.swaps.rolling.facts import Snapshot
from deployments.swaps.rolling.observe import Observed
from deployments.words import counted


def collect(snapshot: Snapshot, observed: Observed, now: datetime) -> dict[str, Any]:
    service, traffic, completed_at = observed.service, observed.traffic, snapshot.facts.completed_at
    minutes = (now - completed_at).total_seconds() / 60 if completed_at else None
    name = snapshot.settings.service_name
    return {
        "at": now.isoformat(),
        "version": snapshot.artefact.version,
        "images": dict(snapshot.artefact.images),
        "task_definition": snapshot.facts.task_definition,
        "health": {name: f"{service.running} of {counted(service.desired, 'task runs', 'tasks run')}"}
        if service
        else {},
        "alarms": {
            alarm: observed.alarms[alarm].state if alarm in observed.alarms else "missing"
            for alarm in snapshot.settings.alarms
        }
        if observed.alarms
        else {},
        "tasks": [{"name": task.name, "exit_code": task.exit_code} for task in snapshot.facts.tasks],
        "minutes_on_target": round(minutes, 2) if minutes is not None else None,
        "traffic": {
            name: {
                "requests": traffic.requests,
                "errors_5xx": traffic.errors_5xx,
                "latency_ms": traffic.latency_ms,
            }
        }
        if traffic
        else {},
    }
