"""Writing a share of the traffic to a rule."""

from datetime import datetime

from deployments.aws.actions import SetWeights
from deployments.aws.values import Rule
from deployments.controllers.decisions import Act, Snapshot
from deployments.controllers.service_pair import marks
from deployments.vocabulary import Slot


def for_share(snapshot: Snapshot, target: Slot, percent: int) -> dict[str, int]:
    return {snapshot.target_group(target): percent, snapshot.target_group(target.other): 100 - percent}


def shift(snapshot: Snapshot, rule: Rule, target: Slot, percent: int, now: datetime, *, done: str, reason: str) -> Act:
    """Write the share; the gateway refuses if the rule is no longer as it was just read."""
    weights = for_share(snapshot, target, percent)
    return Act(
        reason=reason,
        action=SetWeights(rule=rule.arn, weights=weights, expected=dict(rule.weights)),
        facts={
            "weights": weights,
            "percent": percent,
            "shifted_at": now.isoformat(),
            "done": marks.mark(snapshot, done),
        },
    )
