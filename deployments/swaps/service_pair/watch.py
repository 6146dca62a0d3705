"""How the target's health is said while it starts and while it has production traffic."""

from deployments.evidence import targets
from deployments.swaps.service_pair.observe import Observed
from deployments.vocabulary import Slot


def describe_health(observed: Observed, slot: Slot) -> str:
    return targets.describe(targets.of(observed.measured, slot))
