"""What is kept of a look at two slots: points of the chart, and what an approver sees when a gate opens."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from deployments.aws.values import Alarm, Rule, Target, Traffic
from deployments.swaps import documents
from deployments.swaps.decisions import Reading, Snapshot
from deployments.swaps.facts import Facts
from deployments.vocabulary import Slot


class Look(Protocol):
    """The part that every controller with two slots observes; None or empty means: not read."""

    @property
    def production(self) -> Rule | None: ...
    @property
    def health(self) -> Mapping[Slot, tuple[Target, ...]]: ...
    @property
    def alarms(self) -> Mapping[str, Alarm] | None: ...
    @property
    def traffic(self) -> Mapping[Slot, Traffic]: ...


def readings(snapshot: Snapshot[Facts], look: Look) -> Mapping[Slot, Reading]:
    """One Reading a slot that was looked at."""
    seen = {}
    for slot in Slot:
        targets, traffic = look.health.get(slot), look.traffic.get(slot)
        if targets is None and traffic is None:
            continue
        seen[slot] = Reading(
            percent=look.production.share(snapshot.target_group(slot)) if look.production else None,
            healthy=_healthy(targets) if targets is not None else None,
            targets=len(targets) if targets is not None else None,
            requests=traffic.requests if traffic else None,
            errors_5xx=traffic.errors_5xx if traffic else None,
            latency_ms=traffic.latency_ms if traffic else None,
        )
    return seen


def evidence(snapshot: Snapshot[Facts], look: Look, now: datetime) -> dict[str, Any]:
    """Frozen at the moment a gate opens."""
    rule, healthy_at = look.production, snapshot.facts.healthy_at
    minutes = (now - healthy_at).total_seconds() / 60 if healthy_at else None
    return {
        "at": now.isoformat(),
        "version": snapshot.artefact.version,
        "images": dict(snapshot.artefact.images),
        "task_definition": snapshot.facts.task_definition,
        "weights": {slot.value: rule.share(snapshot.target_group(slot)) for slot in Slot} if rule else {},
        "health": {
            slot.value: f"{_healthy(targets)} of {len(targets)} healthy" for slot, targets in look.health.items()
        },
        "alarms": _states(snapshot, look.alarms) if look.alarms is not None else {},
        "smoke": documents.write(snapshot.facts.smoke),
        "tasks": [{"name": task.name, "exit_code": task.exit_code} for task in snapshot.facts.tasks],
        "minutes_on_target": round(minutes, 2) if minutes is not None else None,
        "traffic": {
            slot.value: {"requests": seen.requests, "errors_5xx": seen.errors_5xx, "latency_ms": seen.latency_ms}
            for slot, seen in look.traffic.items()
        },
    }


def _healthy(targets: tuple[Target, ...]) -> int:
    return sum(target.state == "healthy" for target in targets)


def _states(snapshot: Snapshot[Facts], alarms: Mapping[str, Alarm]) -> dict[str, str]:
    return {name: alarms[name].state if name in alarms else "missing" for name in snapshot.settings.alarms}
