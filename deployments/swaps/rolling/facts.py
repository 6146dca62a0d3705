"""What a rolling deployment knows of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from deployments.aws.actions import Made
from deployments.aws.values import Rollout
from deployments.swaps import decisions
from deployments.swaps.facts import Facts


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What preflight was asked about, and when, for the deployments that follow."""

    #: a digest of the environment, the service and its task definition
    of: str
    asked_at: datetime
    #: by container, as deployed
    images: Mapping[str, str]
    images_asked_at: datetime


@dataclass(frozen=True, kw_only=True)
class RollingFacts(Facts):
    LIMITS_FROM = (*Facts.LIMITS_FROM, "held_at")

    #: id of the deployment that UpdateService last started, or that somebody forced of the same
    ecs_deployment: str = ""
    #: the service's deploymentConfiguration where percentages of it are changed; None: they are as they are to be
    configuration_before: Mapping[str, Any] | None = None
    #: id of the one that ran before anything was written
    source_deployment: str = ""
    #: when preflight looked, when the service was last updated, and when ECS had replaced all tasks
    looked_at: datetime | None = None
    updated_at: datetime | None = None
    completed_at: datetime | None = None
    #: when ECS called it successful before all tasks ran, and from then on turned nothing back
    early_at: datetime | None = None
    #: for how many tasks that were started, and failed as ECS counts, the stopped ones were last read
    judged: str = ""
    #: how far ECS was, in a word that changes when it gets further, and since when
    phase: str = ""
    phase_since: datetime | None = None
    #: when old tasks that ECS may not stop were last seen, and nothing else was missing
    held_at: datetime | None = None
    #: of the deployment before this one
    last_time: Rollout | None = None
    #: ARNs of the target group to watch and its load balancer; "" = none
    target_group: str = ""
    load_balancer: str = ""
    #: the longest of the service's target groups; None where there is none
    drain_seconds: int | None = None
    #: kept in a column of this name
    checked: Checked | None = None

    def with_made(self, made: Made) -> Self:
        return replace(super().with_made(made), ecs_deployment=made.ecs_deployment or self.ecs_deployment)


Snapshot = decisions.Snapshot[RollingFacts]
