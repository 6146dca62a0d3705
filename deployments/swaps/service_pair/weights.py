"""Writing a share of the traffic to a rule, and seeing that it stays as it was written."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from deployments.aws.actions import SetWeights
from deployments.aws.values import Rule
from deployments.swaps.decisions import Act
from deployments.swaps.service_pair import marks
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.swaps.steps import called, rules
from deployments.vocabulary import Slot


def for_share(snapshot: Snapshot, target: Slot, percent: int) -> dict[str, int]:
    return {snapshot.target_group(target): percent, snapshot.target_group(target.other): 100 - percent}


def shift(snapshot: Snapshot, rule: Rule, target: Slot, percent: int, now: datetime, *, mark: str, reason: str) -> Act:
    """Write the share; the gateway refuses if the rule is no longer as it was just read."""
    weights = for_share(snapshot, target, percent)
    facts = snapshot.facts.with_weights(rule.arn, weights, first=is_first(snapshot, rule))
    if is_first(snapshot, rule):
        facts = replace(facts, percent=percent, shifted_at=now)
    return Act(
        reason=reason + of_which(snapshot, rule),
        action=SetWeights(rule=rule.arn, weights=weights, expected=dict(rule.weights)),
        mark=mark_of(snapshot, mark, rule),
        facts=facts,
    )


def is_first(snapshot: Snapshot, rule: Rule) -> bool:
    return rule.arn == snapshot.settings.production_rule


def mark_of(snapshot: Snapshot, mark: str, rule: Rule) -> str:
    """Each rule is a write of its own; the first one, which is written last, has the mark of them all."""
    return mark if is_first(snapshot, rule) else f"{mark}:{rule.arn.partition(':listener-rule/')[2]}"


def of_which(snapshot: Snapshot, rule: Rule) -> str:
    """Where there are several, for the end of a sentence."""
    return f"; {rule.requests}" if snapshot.settings.more_production_rules else ""


def changed_by_someone_else(snapshot: Snapshot, observed: Observed, *allowed: Mapping[str, int]) -> str:
    """In a sentence, when a production rule is not as Tealgate left it, nor as it is `allowed` to be; else ""."""
    if observed.production is None:
        return "The production rule was not read."
    there = {rule.arn for rule in observed.more}
    gone = [arn for arn in snapshot.settings.more_production_rules if arn not in there]
    if gone:
        return f"Someone else deleted the production rule {gone[0]}."
    changes = (_changed(snapshot, rule, *allowed) for rule in observed.production_rules)
    return next((change for change in changes if change), "")


def _changed(snapshot: Snapshot, rule: Rule, *allowed: Mapping[str, int]) -> str:
    which = named(snapshot, rule)
    if foreign := rules.strangers(snapshot, rule):
        return f"Someone else changed {which}: {foreign}."
    if any(rules.same(rule, one) for one in (snapshot.facts.weights_of(rule.arn), *allowed)):
        return ""
    _, target = marks.slots(snapshot)
    return (
        f"Someone else changed {which}: it shows {rules.describe(snapshot, rule)}, but "
        f"{_expected(snapshot, rule, target):g} % on {called.new(snapshot)} was expected."
    )


def named(snapshot: Snapshot, rule: Rule) -> str:
    """ "the production rule", with its ARN where there are several."""
    return f"the production rule {rule.arn}" if snapshot.settings.more_production_rules else "the production rule"


def _expected(snapshot: Snapshot, rule: Rule, target: Slot) -> float:
    """Percent on the target."""
    if is_first(snapshot, rule):
        return snapshot.facts.percent
    written = snapshot.facts.weights_of(rule.arn)
    return 100 * written.get(snapshot.target_group(target), 0) / sum(written.values())
