"""What every approver sees at a gate, frozen at the moment it opens."""

from datetime import datetime
from typing import Any

from deployments.evidence import Measured, Watched, kept
from deployments.swaps.decisions import Snapshot
from deployments.swaps.facts import Facts


def collect(
    snapshot: Snapshot[Facts], watched: Watched, measured: Measured, now: datetime, ready_at: datetime | None
) -> dict[str, Any]:
    """`ready_at`: since when all of the release runs; None: not yet."""
    minutes = (now - ready_at).total_seconds() / 60 if ready_at else None
    return {
        "at": now.isoformat(),
        "version": snapshot.artefact.version,
        "images": dict(snapshot.artefact.images),
        "task_definition": snapshot.facts.task_definition,
        "tasks": [{"name": task.name, "exit_code": task.exit_code} for task in snapshot.facts.tasks],
        "minutes_on_target": round(minutes, 2) if minutes is not None else None,
        **kept.at_gate(watched, measured),
    }
