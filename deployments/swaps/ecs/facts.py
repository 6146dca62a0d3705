"""What a swap by ECS itself knows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from deployments.aws.actions import Made
from deployments.swaps import decisions
from deployments.swaps.facts import TwoSlotFacts


@dataclass(frozen=True, kw_only=True)
class FunctionSeen:
    """One run of a Lambda function as a hook: at which stage, and how long, as far as looks tell."""

    id: str
    name: str
    stage: str
    #: ECS's word
    status: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class LatticeWay:
    """A rule of VPC Lattice that ECS shifts too: its ARN, and the ids of its target groups before anything moved."""

    rule: str
    source: str
    target: str


@dataclass(frozen=True, kw_only=True)
class EcsFacts(TwoSlotFacts):
    LIMITS_FROM = (*TwoSlotFacts.LIMITS_FROM, "owner_held_at", "again_at")

    #: ARN of ECS's own deployment
    service_deployment: str = ""
    #: ARN that ECS answered with when it was told to deploy; whether it is ours is still to be seen
    told: str = ""
    #: the service's deploymentConfiguration before ours was put beside it; None: not looked at yet
    configuration_before: Mapping[str, Any] | None = None
    #: the service's own test rule, which ECS moves too; "" = none
    test_rule: str = ""
    lattice: tuple[LatticeWay, ...] = ()
    #: when ECS last waited for the service's owner to answer a pause
    owner_held_at: datetime | None = None
    #: when ECS was told to deploy
    updated_at: datetime | None = None
    #: ARN of the deployment that was ECS's own until somebody started the same release anew; "" = nobody did
    restarted: str = ""
    #: of the owner's, in the order in which they ran
    functions: tuple[FunctionSeen, ...] = ()
    #: ids of the pause hooks that have our answer
    answered: tuple[str, ...] = ()
    #: ARN of the deployment by which ECS goes back after it had finished, and when it was told to
    again: str = ""
    again_at: datetime | None = None

    def with_made(self, made: Made) -> Self:
        return replace(super().with_made(made), told=made.service_deployment or self.told)


Snapshot = decisions.Snapshot[EcsFacts]
