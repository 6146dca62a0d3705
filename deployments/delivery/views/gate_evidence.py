"""What an approver sees at a gate. Every member may be missing: an older gate, or a stage that reads less."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deployments.delivery.models import Deployment
from deployments.delivery.views import checked, served
from deployments.delivery.views.checked import SmokeView, TaskView
from deployments.delivery.views.found import found
from deployments.delivery.views.named import called
from deployments.delivery.views.served import Served
from deployments.vocabulary import Slot


@dataclass(frozen=True, kw_only=True)
class SlotEvidence:
    """Of a slot; or of the one service where there are no slots, then without role and weight."""

    name: str
    role: str
    #: such as "new 1.1.0"; "" without a role
    called: str
    #: percent of production
    weight: float | None
    health: str
    healthy: bool
    served: Served | None
    #: what else was measured, such as "CPU utilization 55 %"
    figures: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AlarmView:
    name: str
    #: CloudWatch's word: OK, ALARM or INSUFFICIENT_DATA
    state: str


@dataclass(frozen=True, kw_only=True)
class EvidenceView:
    #: when AWS was read, in ISO 8601; "" when it was not kept
    at: str
    slots: tuple[SlotEvidence, ...]
    services: tuple[SlotEvidence, ...]
    alarms: tuple[AlarmView, ...]
    smoke: tuple[SmokeView, ...]
    tasks: tuple[TaskView, ...]
    #: for how long the release was healthy when the gate opened
    minutes_on_target: float | None
    task_definition: str
    difference: tuple[tuple[str, str], ...]
    #: what was not as it should be, a sentence each
    warnings: tuple[str, ...]


def evidence(kept: Mapping[str, Any], deployment: Deployment) -> EvidenceView:
    known = found(deployment)
    slots = {slot.value for slot in Slot}
    unslotted = {**_map(kept, "health"), **_map(kept, "traffic"), **_figures(kept)}
    seen = {**_map(kept, "weights"), **unslotted}
    return EvidenceView(
        at=str(kept.get("at") or ""),
        slots=_evidence(kept, (slot.value for slot in Slot if slot.value in seen), deployment),
        services=_evidence(kept, (name for name in unslotted if name not in slots), deployment),
        alarms=tuple(AlarmView(name=name, state=str(state)) for name, state in sorted(_map(kept, "alarms").items())),
        smoke=checked.smoke_checks(kept.get("smoke") or ()),
        tasks=checked.one_off_tasks(kept.get("tasks") or ()),
        minutes_on_target=kept.get("minutes_on_target"),
        task_definition=str(kept.get("task_definition") or known.task_definition),
        difference=known.difference,
        warnings=tuple(str(each) for each in kept.get("warnings") or ()),
    )


def _evidence(kept: Mapping[str, Any], names: Iterable[str], deployment: Deployment) -> tuple[SlotEvidence, ...]:
    weights, health, traffic = (_map(kept, key) for key in ("weights", "health", "traffic"))
    figures, roles = _figures(kept), {slot.value: role for slot, role in deployment.roles.items()}
    return tuple(
        SlotEvidence(
            name=name,
            role=roles.get(name, ""),
            called=called(deployment, roles.get(name, "")),
            weight=weights.get(name),
            health=str(health.get(name, "")),
            healthy=_all_healthy(str(health.get(name, ""))),
            served=served.kept(traffic.get(name)),
            figures=figures.get(name, ()),
        )
        for name in names
    )


def _figures(kept: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """By slot or service."""
    shown: dict[str, tuple[str, ...]] = {}
    for each in kept.get("figures") or ():
        if each["value"] is not None:
            words = f"{each['title']} {each['value']:g} {each['unit']}".rstrip()
            shown[each["side"]] = (*shown.get(each["side"], ()), words)
    return shown


def _map(kept: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = kept.get(key)
    return value if isinstance(value, Mapping) else {}


def _all_healthy(sentence: str) -> bool:
    """ "2 of 2 healthy" is, "1 of 2 healthy" and "0 of 0 healthy" are not."""
    first, _, rest = sentence.partition(" of ")
    return first.isdigit() and first != "0" and rest.split(" ", 1)[0] == first
