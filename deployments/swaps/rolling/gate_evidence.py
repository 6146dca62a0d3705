"""What an approver sees at a gate, frozen at the moment it opens."""

from datetime import datetime
from typing import Any

from deployments.swaps.rolling.facts import Snapshot
from deployments.swaps.rolling.observe import Observed
from deployments.swaps.rolling.watched import watched
from deployments.swaps.steps import gate_evidence
from deployments.words import tasks_run


def collect(snapshot: Snapshot, observed: Observed, now: datetime) -> dict[str, Any]:
    service = observed.service
    common = gate_evidence.collect(snapshot, watched(snapshot), observed.measured, now, snapshot.facts.completed_at)
    if service is None:
        return common
    runs = tasks_run(service.running, service.desired)
    return {**common, "health": {snapshot.settings.service_name: runs}}
