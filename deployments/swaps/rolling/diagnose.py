"""What is kept of a failure before its traces are cleaned away."""

from typing import Any

from deployments.aws.protocol import Gateway
from deployments.swaps.decisions import Snapshot
from deployments.swaps.rolling.observe import read_service
from deployments.swaps.steps import failure

MOST_EVENTS = 10


def capture(snapshot: Snapshot, gateway: Gateway) -> dict[str, Any]:
    """What ECS said of the service too. Raises AwsError."""
    service, group = read_service(snapshot, gateway), snapshot.facts.get("target_group", "")
    kept = failure.capture(snapshot, gateway, service=snapshot.settings.service_name, target_group=group)
    return {**kept, "events": list(service.events[:MOST_EVENTS]) if service else []}
