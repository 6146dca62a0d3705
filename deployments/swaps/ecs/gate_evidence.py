"""What an approver sees at a gate that ECS holds."""

from datetime import datetime
from typing import Any

from deployments.swaps.ecs.facts import Snapshot
from deployments.swaps.ecs.observe import Observed
from deployments.swaps.steps import two_slots


def collect(snapshot: Snapshot, observed: Observed, now: datetime) -> dict[str, Any]:
    found = {"service_deployment": observed.native.arn if observed.native else ""}
    return two_slots.evidence(snapshot, observed, now) | found
