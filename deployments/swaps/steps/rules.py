"""Listener rules that forward to the two slots: what they say, and when they are not ours to write."""

from collections.abc import Mapping

from deployments.aws.values import Rule
from deployments.swaps.decisions import Snapshot
from deployments.swaps.facts import Facts
from deployments.vocabulary import Role


def same(rule: Rule, weights: Mapping[str, int]) -> bool:
    """Whether the rule sends the same shares to the same groups, whatever the scale."""
    total = sum(weights.values())
    wanted = {group: 100 * weight / total for group, weight in weights.items() if weight}
    return {group: rule.share(group) for group in rule.live} == wanted


def strangers(snapshot: Snapshot[Facts], rule: Rule) -> str:
    """Why this rule cannot be ours to write, in a sentence; "" when it forwards to the pair only."""
    if not rule.forwards:
        return "it no longer forwards to target groups"
    unknown = [group for group in rule.weights if snapshot.settings.slot_of(group) is None]
    return f"it forwards to {', '.join(short(group) for group in unknown)}" if unknown else ""


def all_on(snapshot: Snapshot[Facts], rule: Rule | None) -> Role | None:
    """Whose release has all traffic; None when it is shared, someone else's, or not read."""
    if rule is None or snapshot.source is None or snapshot.target is None:
        return None
    if rule.share(snapshot.target_group(snapshot.source)) == 100:
        return Role.SOURCE
    return Role.TARGET if rule.share(snapshot.target_group(snapshot.target)) == 100 else None


def describe(snapshot: Snapshot[Facts], rule: Rule) -> str:
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


def load_balancer_of(rule_arn: str) -> str:
    """…:listener-rule/app/NAME/LB/LISTENER/RULE names the load balancer …:loadbalancer/app/NAME/LB."""
    prefix, path = rule_arn.split(":listener-rule/")
    return f"{prefix}:loadbalancer/{'/'.join(path.split('/')[:3])}"
