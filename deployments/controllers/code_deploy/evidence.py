"""What an approver sees at a gate that CodeDeploy holds."""

from datetime import datetime
from typing import Any

from deployments.controllers.code_deploy.observe import Observed
from deployments.controllers.decisions import Snapshot
from deployments.vocabulary import Slot


def collect(snapshot: Snapshot, observed: Observed, now: datetime) -> dict[str, Any]:
    healthy_at, rule = snapshot.facts.get("healthy_at"), observed.production
    minutes = (now - datetime.fromisoformat(healthy_at)).total_seconds() / 60 if healthy_at else None
    alarms = observed.alarms
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
        "alarms": {name: alarms[name].state if name in alarms else "missing" for name in snapshot.settings.alarms}
        if alarms is not None
        else {},
        "smoke": list(snapshot.facts.get("smoke", ())),
        "tasks": [{"name": task["name"], "exit_code": task["exit_code"]} for task in snapshot.facts.get("tasks", ())],
        "minutes_on_target": round(minutes, 2) if minutes is not None else None,
        "traffic": {
            slot.value: {"requests": t.requests, "errors_5xx": t.errors_5xx, "latency_ms": t.latency_ms}
            for slot, t in observed.traffic.items()
        },
        "code_deployment": snapshot.facts.get("code_deployment", ""),
    }
