"""What a swap of two services knows of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from deployments.swaps import decisions
from deployments.swaps.facts import TwoSlotFacts


@dataclass(frozen=True, kw_only=True)
class PairFacts(TwoSlotFacts):
    #: of the production rule by target group, as last read or written
    weights: Mapping[str, int] = field(default_factory=dict)
    #: when the target was told to scale up
    scaled_at: datetime | None = None


Snapshot = decisions.Snapshot[PairFacts]
