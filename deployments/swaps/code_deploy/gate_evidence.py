"""What an approver sees at a gate that CodeDeploy holds."""

from datetime import datetime
from typing import Any

from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.steps import two_slots


def collect(snapshot: Snapshot, observed: Observed, now: datetime) -> dict[str, Any]:
    found = {"code_deployment": snapshot.facts.code_deployment}
    return two_slots.evidence(snapshot, observed, now) | found
