"""What is kept of a failure before its traces are cleaned away."""

from dataclasses import replace

from deployments.aws.protocol import Gateway
from deployments.swaps.reports import Failure
from deployments.swaps.rolling.facts import Snapshot
from deployments.swaps.rolling.observe import read_service
from deployments.swaps.steps import failure

MOST_EVENTS = 10


def capture(snapshot: Snapshot, gateway: Gateway) -> Failure:
    """What ECS said of the service too. Raises AwsError."""
    service, group = read_service(snapshot, gateway), snapshot.facts.target_group
    kept = failure.capture(snapshot, gateway, service=snapshot.settings.service_name, target_group=group)
    return replace(kept, events=tuple(service.events[:MOST_EVENTS]) if service else ())
