"""The evidence at a gate, a line each, beginning with how old it is."""

from collections.abc import Iterator
from datetime import datetime

from deployments.delivery.models import Gate
from deployments.delivery.views import gate_evidence
from deployments.delivery.views.checked import TaskView
from deployments.delivery.views.gate_evidence import EvidenceView, SlotEvidence
from deployments.telling.notifications.wording.names import moment
from deployments.words import begun, counted, duration_words, full_stop


def lines(gate: Gate, now: datetime) -> tuple[str, ...]:
    """`now`: when the message is written."""
    seen = gate_evidence.evidence(gate.evidence or {}, gate.deployment)
    return (*_age(seen, now), *seen.warnings, *_sides(seen), *_checks(seen))


def _age(seen: EvidenceView, now: datetime) -> Iterator[str]:
    if seen.at:
        at = datetime.fromisoformat(seen.at)
        ago = duration_words((now - at).total_seconds())
        yield f"Read from AWS at {moment(at)}, {ago} before this was written."
    if seen.minutes_on_target:
        yield f"The release was healthy for {duration_words(seen.minutes_on_target * 60)} when the gate opened."


def _sides(seen: EvidenceView) -> Iterator[str]:
    for slot in seen.slots:
        name = begun(slot.called) or f"Slot {slot.name}"
        weight = f"{slot.weight:g} % of traffic" if slot.weight is not None else ""
        yield _side(name, weight, slot)
    for service in seen.services:
        yield _side(f"Service {service.name}", "", service)


def _side(name: str, weight: str, side: SlotEvidence) -> str:
    said = [part for part in (weight, side.health, _served(side), *side.figures) if part]
    return f"{name}: {', '.join(said)}" if said else name


def _served(side: SlotEvidence) -> str:
    served = side.served
    if served is None or served.requests is None:
        return ""
    said = f"{counted(served.requests, 'request')}, {served.errors_5xx or 0:g} of them 5xx"
    return said if served.latency_ms is None else f"{said}, {served.latency_ms:.0f} ms"


def _checks(seen: EvidenceView) -> Iterator[str]:
    for check in seen.smoke:
        yield f"Smoke check passed: {check.sentence}" if check.ok else f"Smoke check failed: {check.sentence}"
    yield from (_task(task) for task in seen.tasks)
    yield from (f"Alarm {alarm.name}: {alarm.state}" for alarm in seen.alarms)


def _task(task: TaskView) -> str:
    said = f"One-off task {task.name} ended with exit code {task.exit_code}"
    if task.exit_code is None:
        said = f"One-off task {task.name} ended with an unknown exit code"
    return full_stop(f"{said}, {task.cut_short}" if task.cut_short else said)
