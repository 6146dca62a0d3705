"""What an approver sees at a gate, frozen at the moment it opens."""

from datetime import datetime
from typing import Any

from deployments.controllers.decisions import Snapshot
from deployments.controllers.service_pair.observe import Observed
from deployments.vocabulary import Slot


def collect(snapshot: Snapshot, observed: Observed, now: datetime) -> dict[str, Any]:
    healthy_at = snapshot.facts.get("healthy_at")
    minutes = (now - datetime.fromisoformat(healthy_at)).total_seconds() / 60 if healthy_at else None
    rule = observed.production
    return {
        "at": now.isoformat(),
        "version": snapshot.artefact.version,
        "images": dict(snapshot.artefact.images),
        "task_definition": snapshot.facts.get("task_definition", ""),
        "weights": {slot.value: rule.share(snapshot.target_group(slot)) for slot in Slot} if rule else {},
        "health": {
            slot.value: f"{observed.healthy(slot)} of {len(targets)} healthy"
            for slot, targets in observed.health.items()
        },
        "alarms": {
            name: observed.alarms[name].state if name in observed.alarms else "missing"
            for name in snapshot.settings.alarms
        }
        if observed.alarms is not None
        else {},
        "smoke": list(snapshot.facts.get("smoke", ())),
        "tasks": [{"name": task["name"], "exit_code": task["exit_code"]} for task in snapshot.facts.get("tasks", ())],
        "minutes_on_target": round(minutes, 2) if minutes is not None else None,
        "traffic": {
            slot.value: {
                "requests": traffic.requests,
                "errors_5xx": traffic.errors_5xx,
                "latency_ms": traffic.latency_ms,
            }
            for slot, traffic in observed.traffic.items()
        },
    }
