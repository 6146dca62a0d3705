"""What is watched while the target has production traffic, or is about to have it."""

from dataclasses import replace

from deployments.evidence import Watched
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.steps import two_slots


def watched(snapshot: Snapshot) -> Watched:
    """Nobody else sees to it that the target keeps its tasks: it fails with less than half of them."""
    settings, target = snapshot.settings, snapshot.target
    return replace(
        two_slots.watched(snapshot),
        wanted=snapshot.facts.desired or 1,
        service=snapshot.service(target) if target else "",
        services_read=(settings.blue_service, settings.green_service),
    )
