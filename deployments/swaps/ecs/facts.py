"""What a swap by ECS itself knows."""

from dataclasses import dataclass
from datetime import datetime

from deployments.swaps import decisions
from deployments.swaps.facts import Facts


@dataclass(frozen=True, kw_only=True)
class EcsFacts(Facts):
    #: ARN of ECS's own deployment
    service_deployment: str = ""
    #: when ECS was told to deploy, and when production traffic was last seen to have moved
    updated_at: datetime | None = None
    shifted_at: datetime | None = None
    #: ids of the pause hooks that have our answer
    answered: tuple[str, ...] = ()


Snapshot = decisions.Snapshot[EcsFacts]
