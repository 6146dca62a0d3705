"""What a swap of two services knows of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from deployments.swaps import decisions
from deployments.swaps.facts import TwoSlotFacts


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Whose tasks were compared with what was planned: a service's PRIMARY deployment, how many ran of it, and when
    ECS had last started some, by its own clock."""

    deployment: str
    running: int
    started: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PairFacts(TwoSlotFacts):
    #: of the production rule by target group, as last read or written
    weights: Mapping[str, int] = field(default_factory=dict)
    #: of the further production rules, by their ARNs; one that is missing has the same as the first
    more_weights: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    #: kinds of scaling that the live service's owner has suspended, as SuspendedState names them
    owner_suspended: tuple[str, ...] = ()
    #: when the target was told to scale up
    scaled_at: datetime | None = None
    #: ARN of what the idle service was to run before anything was written
    idle_task_definition: str = ""
    #: by slot, what somebody else put there, such as "shop:9", as last read
    outside: Mapping[str, str] = field(default_factory=dict)
    #: by slot, when it was last seen to be as planned
    compared: Mapping[str, Compared] = field(default_factory=dict)

    def weights_of(self, rule: str) -> Mapping[str, int]:
        return self.more_weights.get(rule, self.weights)

    def with_weights(self, rule: str, weights: Mapping[str, int], *, first: bool) -> Self:
        """Of the `first` production rule or of a further one, as last read or written."""
        if first:
            return replace(self, weights=weights)
        return replace(self, more_weights={**self.more_weights, rule: weights})


Snapshot = decisions.Snapshot[PairFacts]
