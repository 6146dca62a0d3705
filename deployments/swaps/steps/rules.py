"""Listener rules that forward to the two slots: what they say, and when they are not ours to write."""

from collections.abc import Collection, Mapping

from deployments.aws.values import Route, Rule
from deployments.swaps.decisions import Snapshot
from deployments.swaps.facts import Facts
from deployments.swaps.steps import called
from deployments.vocabulary import Role
from deployments.words import joined


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


def all_agree_on(snapshot: Snapshot[Facts], production: Collection[Rule]) -> Role | None:
    """The same of several rules: None while they send their traffic to different slots."""
    found = {all_on(snapshot, rule) for rule in production}
    return found.pop() if len(found) == 1 else None


def describe(snapshot: Snapshot[Facts], rule: Rule) -> str:
    """Such as "90 % on old 1.0.0, 10 % on new 1.1.0"; by AWS's names before it is known which is which."""
    if not rule.live:
        return "no weight on any target group"
    parts = []
    for group in rule.live:
        slot = snapshot.settings.slot_of(group) if snapshot.target else None
        parts.append(f"{rule.share(group):g} % on {called.on(snapshot, slot) if slot else short(group)}")
    return ", ".join(parts)


def still_sending(routes: Collection[Route], target_group: str, *, but: str = "") -> str:
    """Which rules, `but` for one, give traffic to this target group, in a sentence; "" when none does."""
    said = [
        f"the rule {route.rule.arn} ({route.requests}) still sends {route.rule.share(target_group):g} % to it"
        for route in routes
        if route.rule.share(target_group) > 0 and route.rule.arn != but
    ]
    return joined(said)


def short(target_group: str) -> str:
    return target_group.split("targetgroup/")[-1].split("/")[0]
