"""What the engine found or made on AWS so far, as far as people are shown it. No other view reads the row's facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deployments.delivery.models import Deployment

#: The column of `Found.percent`, for queries.
PERCENT = "facts__percent"


@dataclass(frozen=True, kw_only=True)
class Found:
    """Every member may be missing: it was not looked at yet, or the controller keeps no such thing."""

    #: of production on the target
    percent: float
    #: target group to weight
    weights: Mapping[str, float]
    task_definition: str
    source_task_definition: str
    #: how many tasks the service is to run; 0 when it was not read
    desired: int
    #: lines of the task definition as (sign, text)
    difference: tuple[tuple[str, str], ...]
    smoke: tuple[Mapping[str, Any], ...]
    tasks: tuple[Mapping[str, Any], ...]
    #: of each target, as CodeDeploy tells of it
    lifecycle: tuple[Mapping[str, Any], ...]
    preflight: tuple[Mapping[str, Any], ...]
    failure: Mapping[str, Any]
    #: who watches while people think
    watch: str


def found(deployment: Deployment) -> Found:
    facts: Mapping[str, Any] = deployment.facts
    return Found(
        percent=facts.get("percent") or 0,
        weights=facts.get("weights") or {},
        task_definition=str(facts.get("task_definition") or ""),
        source_task_definition=str(facts.get("source_task_definition") or ""),
        desired=facts.get("desired") or 0,
        difference=tuple((sign, text) for sign, text in facts.get("difference") or ()),
        smoke=tuple(facts.get("smoke") or ()),
        tasks=tuple(facts.get("tasks") or ()),
        lifecycle=tuple(facts.get("lifecycle") or ()),
        preflight=tuple(facts.get("preflight") or ()),
        failure=facts.get("failure") or {},
        watch=str(facts.get("watch") or ""),
    )


def all_found(deployment: Deployment) -> Any:
    """As stored: when it changes, so may the page."""
    return deployment.facts
