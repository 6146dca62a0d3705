"""What a swap of two services knows of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from deployments.swaps import decisions
from deployments.swaps.facts import Facts


@dataclass(frozen=True, kw_only=True)
class PairFacts(Facts):
    #: of the production rule by target group, as last read or written
    weights: Mapping[str, int] = field(default_factory=dict)
    #: when the target was told to scale up, and when production traffic last moved
    scaled_at: datetime | None = None
    shifted_at: datetime | None = None


Snapshot = decisions.Snapshot[PairFacts]
