"""The timeline of a deployment: the frozen plan's steps, each with what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deployments.delivery.models import Deployment, Gate, StageRun
from deployments.frozen import GateSpec
from deployments.vocabulary import GateStatus, Outcome
from deployments.words import stage_label

_STATES = {
    Outcome.SUCCEEDED: ("done", "check", "Done"),
    Outcome.FAILED: ("failed", "close", "Failed"),
    Outcome.STOPPED: ("stopped", "stop", "Stopped"),
    Outcome.RUNNING: ("running", "progress_activity", "Running"),
}
_WAITING = ("waiting", "front_hand", "Waiting for approval")
_PLANNED = ("planned", "", "Planned")
_SKIPPED = ("skipped", "remove", "Skipped")


@dataclass(frozen=True, kw_only=True)
class Entry:
    key: str
    title: str
    summary: str
    state: str
    icon: str
    word: str
    percent: int | None = None
    bake_seconds: int = 0
    gate: str = ""
    decided: Gate | None = None
    run: StageRun | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def started_at(self) -> datetime | None:
        return self.run.started_at if self.run else None

    @property
    def finished_at(self) -> datetime | None:
        return self.run.finished_at if self.run else None

    @property
    def detail(self) -> str:
        return self.run.detail if self.run else ""


def forward(deployment: Deployment, runs: Iterable[StageRun], gates: Sequence[Gate]) -> list[Entry]:
    made = {run.position: run for run in runs if not run.rolling_back}
    return _entries(deployment, deployment.plan.get("steps", ()), made, {gate.position: gate for gate in gates})


def way_back(deployment: Deployment, runs: Iterable[StageRun]) -> list[Entry]:
    """Empty until it is walked: nobody needs to see it while all goes well."""
    made = {run.position: run for run in runs if run.rolling_back}
    if not made and not deployment.is_rolling_back:
        return []
    return _entries(deployment, deployment.plan.get("way_back", ()), made, {}, back=True)


def _entries(
    deployment: Deployment,
    steps: Sequence[Mapping[str, Any]],
    made: Mapping[int, StageRun],
    gates: Mapping[int, Gate],
    *,
    back: bool = False,
) -> list[Entry]:
    over = deployment.is_terminal or (deployment.is_rolling_back and not back)
    entries = []
    for position, step in enumerate(steps):
        run, gate = made.get(position), gates.get(position)
        state, icon, word = _state(run, gate, over=over)
        entries.append(
            Entry(
                key=f"{'back' if back else 'step'}-{position}",
                title=_title(step),
                summary=step.get("summary", ""),
                state=state,
                icon=icon,
                word=word,
                percent=step.get("percent"),
                bake_seconds=step.get("bake_seconds") or 0,
                gate=GateSpec.from_json(step["gate"]).sentence if step.get("gate") else "",
                decided=gate,
                run=run,
                data=run.data if run else {},
            )
        )
    return entries


def _state(run: StageRun | None, gate: Gate | None, *, over: bool) -> tuple[str, str, str]:
    if run is None:
        return _SKIPPED if over else _PLANNED
    if gate and gate.status == GateStatus.AWAITING_ACTION and run.outcome == Outcome.RUNNING:
        return _WAITING
    return _STATES.get(Outcome(run.outcome), _PLANNED)


def _title(step: Mapping[str, Any]) -> str:
    label = stage_label(step["stage"])
    return label if step.get("percent") is None else f"{label} to {step['percent']} %"
