"""What is watched while production traffic is on the target, and how its targets are said."""

from dataclasses import replace

from deployments.evidence import Watched, targets
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.swaps.steps import two_slots
from deployments.vocabulary import Slot


def watched(snapshot: Snapshot) -> Watched:
    """Nobody else sees to it that the target keeps its tasks: it fails with less than half of them."""
    return replace(two_slots.watched(snapshot), wanted=snapshot.facts.desired or 1)


def describe_health(observed: Observed, slot: Slot) -> str:
    return targets.describe(targets.of(observed.measured, slot))
