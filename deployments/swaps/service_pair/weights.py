"""Writing a share of the traffic to a rule, and seeing that it stays as it was written."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from deployments.aws.actions import SetWeights
from deployments.aws.values import Rule
from deployments.swaps.decisions import Act
from deployments.swaps.service_pair import marks
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.steps import rules
from deployments.vocabulary import Slot


def for_share(snapshot: Snapshot, target: Slot, percent: int) -> dict[str, int]:
    return {snapshot.target_group(target): percent, snapshot.target_group(target.other): 100 - percent}


def shift(snapshot: Snapshot, rule: Rule, target: Slot, percent: int, now: datetime, *, mark: str, reason: str) -> Act:
    """Write the share; the gateway refuses if the rule is no longer as it was just read."""
    weights = for_share(snapshot, target, percent)
    return Act(
        reason=reason,
        action=SetWeights(rule=rule.arn, weights=weights, expected=dict(rule.weights)),
        mark=mark,
        facts=replace(snapshot.facts, weights=weights, percent=percent, shifted_at=now),
    )


def changed_by_someone_else(snapshot: Snapshot, rule: Rule | None, *allowed: Mapping[str, int]) -> str:
    """In a sentence, when the production rule is not as Tealgate left it, nor as it is `allowed` to be; else ""."""
    if rule is None:
        return "The production rule was not read."
    if foreign := rules.strangers(snapshot, rule):
        return f"Someone else changed the production rule: {foreign}."
    if any(rules.same(rule, one) for one in (snapshot.facts.weights, *allowed)):
        return ""
    _, target = marks.slots(snapshot)
    return (
        f"Someone else changed the production rule: it shows {rules.describe(snapshot, rule)}, but "
        f"{snapshot.facts.percent:g} % on {target.value} was expected."
    )
