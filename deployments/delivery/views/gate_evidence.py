"""What an approver sees at a gate. Every member may be missing: an older gate, or a stage that reads less."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deployments.delivery.engine import stored
from deployments.delivery.models import Deployment
from deployments.vocabulary import Slot


@dataclass(frozen=True)
class SlotEvidence:
    name: str
    role: str
    weight: float | None
    health: str
    healthy: bool
    traffic: Mapping[str, Any] | None
    #: what else was measured, such as "CPU utilization 55 %"
    figures: tuple[str, ...] = ()

    @property
    def share_5xx(self) -> float | None:
        if not self.traffic or not self.traffic.get("requests"):
            return None
        return 100 * float(self.traffic.get("errors_5xx") or 0) / float(self.traffic["requests"])


@dataclass(frozen=True)
class Evidence:
    data: Mapping[str, Any]
    deployment: Deployment

    @property
    def at(self) -> str:
        return str(self.data.get("at") or "")

    @property
    def slots(self) -> list[SlotEvidence]:
        roles = self.deployment.roles
        weights, health = self._map("weights"), self._map("health")
        traffic, figures = self._map("traffic"), self._figures()
        return [
            SlotEvidence(
                name=slot.value,
                role=roles.get(slot, ""),
                weight=weights.get(slot.value),
                health=str(health.get(slot.value, "")),
                healthy=_all_healthy(str(health.get(slot.value, ""))),
                traffic=traffic.get(slot.value),
                figures=figures.get(slot.value, ()),
            )
            for slot in Slot
            if slot.value in {**weights, **health, **traffic, **figures}
        ]

    @property
    def services(self) -> list[SlotEvidence]:
        """Where there are no slots: what was seen of the one service, by its name."""
        health, traffic, figures = self._map("health"), self._map("traffic"), self._figures()
        slots = {slot.value for slot in Slot}
        return [
            SlotEvidence(
                name=name,
                role="",
                weight=None,
                health=str(health.get(name, "")),
                healthy=_all_healthy(str(health.get(name, ""))),
                traffic=traffic.get(name),
                figures=figures.get(name, ()),
            )
            for name in {**health, **traffic, **figures}
            if name not in slots
        ]

    @property
    def alarms(self) -> list[tuple[str, str, str]]:
        """(name, state, tone)"""
        tones = {"OK": "good", "ALARM": "bad"}
        return [
            (name, str(state), tones.get(str(state), "warn")) for name, state in sorted(self._map("alarms").items())
        ]

    @property
    def smoke(self) -> list[Mapping[str, Any]]:
        return [check for check in self.data.get("smoke") or () if isinstance(check, Mapping)]

    @property
    def tasks(self) -> list[Mapping[str, Any]]:
        return [task for task in self.data.get("tasks") or () if isinstance(task, Mapping)]

    @property
    def minutes_on_target(self) -> float | None:
        return self.data.get("minutes_on_target")

    @property
    def task_definition(self) -> str:
        return str(self.data.get("task_definition") or stored.document(self.deployment).task_definition)

    @property
    def difference(self) -> list[tuple[str, str]]:
        return list(stored.document(self.deployment).difference)

    def _figures(self) -> dict[str, tuple[str, ...]]:
        """By slot or service."""
        found: dict[str, tuple[str, ...]] = {}
        for each in self.data.get("figures") or ():
            if each["value"] is not None:
                words = f"{each['title']} {each['value']:g} {each['unit']}".rstrip()
                found[each["side"]] = (*found.get(each["side"], ()), words)
        return found

    def _map(self, key: str) -> Mapping[str, Any]:
        found = self.data.get(key)
        return found if isinstance(found, Mapping) else {}


def _all_healthy(sentence: str) -> bool:
    """ "2 of 2 healthy" is, "1 of 2 healthy" and "0 of 0 healthy" are not."""
    first, _, rest = sentence.partition(" of ")
    return first.isdigit() and first != "0" and rest.split(" ", 1)[0] == first
