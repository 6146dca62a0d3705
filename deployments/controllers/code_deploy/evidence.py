"""What an approver sees at a gate that CodeDeploy holds."""

from datetime import datetime
from typing import Any

from deployments.controllers import two_slots
from deployments.controllers.code_deploy.observe import Observed
from deployments.controllers.decisions import Snapshot


def collect(snapshot: Snapshot, observed: Observed, now: datetime) -> dict[str, Any]:
    found = {"code_deployment": snapshot.facts.get("code_deployment", "")}
    return two_slots.evidence(snapshot, observed, now) | found
