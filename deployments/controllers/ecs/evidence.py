"""What an approver sees at a gate that ECS holds."""

from datetime import datetime
from typing import Any

from deployments.controllers import two_slots
from deployments.controllers.decisions import Snapshot
from deployments.controllers.ecs.observe import Observed


def collect(snapshot: Snapshot, observed: Observed, now: datetime) -> dict[str, Any]:
    found = {"service_deployment": observed.native.arn if observed.native else ""}
    return two_slots.evidence(snapshot, observed, now) | found
