"""What was seen when a deployment failed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deployments.delivery.models import Deployment, StageRun
from deployments.delivery.views.found import found
from deployments.vocabulary import Outcome


@dataclass(frozen=True, kw_only=True)
class TargetHealthView:
    """Of a target group's target, in the load balancer's words."""

    target: str
    state: str
    reason: str
    description: str


@dataclass(frozen=True, kw_only=True)
class StoppedTaskView:
    id: str
    reason: str
    #: by container; None when ECS does not know it
    exit_codes: Mapping[str, int | None]
    #: by container
    reasons: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class FailureView:
    sentence: str
    health: tuple[TargetHealthView, ...]
    stopped_tasks: tuple[StoppedTaskView, ...]
    #: what ECS said, newest first
    events: tuple[str, ...]
    log: tuple[str, ...]

    @property
    def healthy(self) -> int:
        """How many targets were, all the same."""
        return sum(target.state == "healthy" for target in self.health)

    @property
    def is_sick(self) -> bool:
        return self.healthy < len(self.health)


def failure_of(deployment: Deployment, runs: Iterable[StageRun]) -> FailureView | None:
    """What was kept of a failure: on the deployment, or on the stage that failed last."""
    failed = [{"sentence": run.detail, **run.data} for run in reversed(list(runs)) if run.outcome == Outcome.FAILED]
    for kept in (found(deployment).failure, *failed):
        # A sentence alone stands in the headline already.
        if any(kept.get(key) for key in ("health", "stopped_tasks", "events", "log")):
            return _failure(kept)
    return None


def _failure(kept: Mapping[str, Any]) -> FailureView:
    return FailureView(
        sentence=str(kept.get("sentence") or ""),
        health=tuple(_health(target) for target in kept.get("health") or ()),
        stopped_tasks=tuple(_stopped(task) for task in kept.get("stopped_tasks") or ()),
        events=tuple(str(event) for event in kept.get("events") or ()),
        log=tuple(str(line) for line in kept.get("log") or ()),
    )


def _health(told: Mapping[str, Any]) -> TargetHealthView:
    return TargetHealthView(
        target=str(told.get("target") or ""),
        state=str(told.get("state") or ""),
        reason=str(told.get("reason") or ""),
        description=str(told.get("description") or ""),
    )


def _stopped(told: Mapping[str, Any]) -> StoppedTaskView:
    return StoppedTaskView(
        id=str(told.get("id") or ""),
        reason=str(told.get("reason") or ""),
        exit_codes=dict(told.get("exit_codes") or {}),
        reasons=dict(told.get("reasons") or {}),
    )
