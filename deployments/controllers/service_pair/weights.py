"""Weights of a rule that forwards to the pair, and what it means when they are not as expected."""

from collections.abc import Mapping
from datetime import datetime

from deployments.aws.actions import SetWeights
from deployments.aws.values import Rule
from deployments.controllers.decisions import Act, Snapshot
from deployments.controllers.service_pair import marks
from deployments.vocabulary import Slot


def for_share(snapshot: Snapshot, target: Slot, percent: int) -> dict[str, int]:
    return {snapshot.target_group(target): percent, snapshot.target_group(target.other): 100 - percent}


def same(rule: Rule, weights: Mapping[str, int]) -> bool:
    """Whether the rule sends the same shares to the same groups, whatever the scale."""
    total = sum(weights.values())
    wanted = {group: 100 * weight / total for group, weight in weights.items() if weight}
    return {group: rule.share(group) for group in rule.live} == wanted


def strangers(snapshot: Snapshot, rule: Rule) -> str:
    """Why this rule cannot be ours to write, in a sentence; "" when it forwards to the pair only."""
    if not rule.forwards:
        return "it no longer forwards to target groups"
    unknown = [group for group in rule.weights if snapshot.settings.slot_of(group) is None]
    return f"it forwards to {', '.join(short(group) for group in unknown)}" if unknown else ""


def describe(snapshot: Snapshot, rule: Rule) -> str:
    """Such as "90 % blue, 10 % green"."""
    if not rule.live:
        return "no weight on any target group"
    parts = []
    for group in rule.live:
        slot = snapshot.settings.slot_of(group)
        parts.append(f"{rule.share(group):g} % {slot.value if slot else short(group)}")
    return ", ".join(parts)


def short(target_group: str) -> str:
    return target_group.split("targetgroup/")[-1].split("/")[0]


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
