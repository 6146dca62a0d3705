"""What the engine found or made on AWS so far, as far as people are shown it. No other view reads how it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from deployments.delivery.engine import stored
from deployments.delivery.models import Deployment
from deployments.swaps.reports import HeldTask

#: The column of `Found.percent`, for queries.
PERCENT = "percent"


@dataclass(frozen=True, kw_only=True)
class Found:
    """Every member may be missing: it was not looked at yet, or the controller keeps no such thing."""

    #: of production on the target
    percent: float
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
    #: tasks that are waited for because ECS may not stop them
    held: tuple[HeldTask, ...]
    #: by slot, what somebody else put there, such as "shop:9"
    outside: Mapping[str, str]
    #: who watches while people think
    watch: str
    #: what is not as it should be although it goes on or went well, a sentence each
    warnings: tuple[str, ...]


def found(deployment: Deployment) -> Found:
    """Of one row it is put together once, and anew when a column of it was read or written again."""
    columns = (*all_found(deployment), deployment.settings)
    before = vars(deployment).get("_found")
    if before is None or any(one is not other for one, other in zip(before[0], columns, strict=True)):
        before = deployment._found = columns, _found(deployment)  # type: ignore[attr-defined]
    return cast(Found, before[1])


def _found(deployment: Deployment) -> Found:
    kept = stored.document(deployment)
    facts = kept.as_json()
    return Found(
        percent=deployment.percent,
        task_definition=facts.get("task_definition", ""),
        source_task_definition=facts.get("source_task_definition", ""),
        desired=facts.get("desired", 0),
        difference=tuple((sign, text) for sign, text in facts.get("difference", ())),
        smoke=tuple(facts.get("smoke", ())),
        tasks=tuple(facts.get("tasks", ())),
        lifecycle=tuple(deployment.targets or ()),
        preflight=tuple(deployment.preflight or ()),
        failure=deployment.failure or {},
        held=kept.held,
        outside=facts.get("outside", {}),
        watch=facts.get("watch", ""),
        warnings=tuple(facts.get("warnings", ())),
    )


def all_found(deployment: Deployment) -> Any:
    """As stored: when it changes, so may the page."""
    return (deployment.facts, deployment.percent, deployment.preflight, deployment.targets, deployment.failure)
