"""The timeline of a deployment: the frozen plan's steps, each with what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from deployments.delivery.models import Deployment, Gate, StageRun
from deployments.delivery.views import stages
from deployments.delivery.views.decided import GateRecord, gate_record
from deployments.frozen import GateSpec
from deployments.vocabulary import GateStatus, Outcome
from deployments.words import stage_label


class StepState(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    #: for approval at its gate
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    #: it ended, or turned back, before this
    SKIPPED = "skipped"


_STATES = {
    Outcome.SUCCEEDED: StepState.DONE,
    Outcome.FAILED: StepState.FAILED,
    Outcome.STOPPED: StepState.STOPPED,
    Outcome.RUNNING: StepState.RUNNING,
}


@dataclass(frozen=True, kw_only=True)
class StepView:
    #: of this step among those of its deployment
    key: str
    stage: str
    #: in human words, such as "Shift traffic to 10 %"
    title: str
    #: AWS's name of the stage
    aws_title: str
    #: what it is about, as it was planned
    summary: str
    state: StepState
    #: production's share on the target after it; None = unchanged
    percent: int | None
    bake_seconds: int
    #: what its gate asks for, in a sentence; "" without one
    asks: str
    #: None until it was opened
    gate: GateRecord | None
    started_at: datetime | None
    finished_at: datetime | None
    #: what is or was seen, in a sentence
    detail: str


def forward(deployment: Deployment, runs: Iterable[StageRun], gates: Sequence[Gate]) -> tuple[StepView, ...]:
    made = {run.position: run for run in runs if not run.rolling_back}
    return _steps(deployment, deployment.plan.get("steps", ()), made, {gate.position: gate for gate in gates})


def way_back(deployment: Deployment, runs: Iterable[StageRun]) -> tuple[StepView, ...]:
    """Empty until it is walked: nobody needs to see it while all goes well."""
    made = {run.position: run for run in runs if run.rolling_back}
    if not made and not deployment.is_rolling_back:
        return ()
    return _steps(deployment, deployment.plan.get("way_back", ()), made, {}, back=True)


def _steps(
    deployment: Deployment,
    steps: Sequence[Mapping[str, Any]],
    made: Mapping[int, StageRun],
    gates: Mapping[int, Gate],
    *,
    back: bool = False,
) -> tuple[StepView, ...]:
    over = deployment.is_terminal or (deployment.is_rolling_back and not back)
    name = "back" if back else "step"
    return tuple(
        _step(f"{name}-{position}", step, made.get(position), gates.get(position), over=over, back=back)
        for position, step in enumerate(steps)
    )


def _step(
    key: str, step: Mapping[str, Any], run: StageRun | None, gate: Gate | None, *, over: bool, back: bool
) -> StepView:
    return StepView(
        key=key,
        stage=step["stage"],
        title=stages.title(step["stage"], step.get("percent"), back=back),
        aws_title=stage_label(step["stage"]),
        summary=step.get("summary", ""),
        state=_state(run, gate, over=over),
        percent=step.get("percent"),
        bake_seconds=step.get("bake_seconds") or 0,
        asks=GateSpec.from_json(step["gate"]).sentence if step.get("gate") else "",
        gate=gate_record(gate) if gate else None,
        started_at=run.started_at if run else None,
        finished_at=run.finished_at if run else None,
        detail=run.detail if run else "",
    )


def _state(run: StageRun | None, gate: Gate | None, *, over: bool) -> StepState:
    if run is None:
        return StepState.SKIPPED if over else StepState.PLANNED
    if gate and gate.status == GateStatus.AWAITING_ACTION and run.outcome == Outcome.RUNNING:
        return StepState.WAITING
    return _STATES[Outcome(run.outcome)]
