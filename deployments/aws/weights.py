"""The arithmetic of a listener rule's weights, shared by the real gateway and the in-memory one.

ELBv2 has no compare-and-set: any action list that is sent replaces the whole list. So the list is read,
compared with what the plan expects, and sent back with nothing changed but the weights.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from deployments.aws import errors
from deployments.aws.actions import SetWeights
from deployments.aws.conditions import conditions_from
from deployments.aws.values import Rule


def rule_from(
    *,
    arn: str,
    listener_arn: str,
    is_default: bool,
    actions: Sequence[Mapping[str, Any]],
    conditions: Sequence[Mapping[str, Any]] = (),
) -> Rule:
    """A Rule from AWS's raw lists. The forward action, when there is one, is the last (AWS insists)."""
    ordered = tuple(sorted(actions, key=lambda action: action.get("Order", 1)))
    last = ordered[-1] if ordered else {}
    stickiness = last.get("ForwardConfig", {}).get("TargetGroupStickinessConfig", {})
    return Rule(
        arn=arn,
        listener_arn=listener_arn,
        is_default=is_default,
        weights=_weights(last),
        actions=ordered,
        forwards=last.get("Type") == "forward",
        stickiness_seconds=stickiness.get("DurationSeconds", 0) if stickiness.get("Enabled") else 0,
        conditions=conditions_from(conditions),
    )


def _weights(action: Mapping[str, Any]) -> dict[str, int]:
    if action.get("Type") != "forward":
        return {}
    groups = action.get("ForwardConfig", {}).get("TargetGroups")
    if not groups:
        return {action["TargetGroupArn"]: 1}
    return {group["TargetGroupArn"]: group.get("Weight", 1) for group in groups}


def rewritten(rule: Rule, action: SetWeights) -> list[dict[str, Any]] | None:
    """The action list to send, or None when the rule already has these weights.

    Raises Changed when the rule's weights are not the expected ones (a group that is missing counts as 0),
    and Invalid for a rule that does not forward or for weights that would send traffic nowhere.
    """
    if not rule.forwards:
        said = "the rule does not forward to target groups, so it has no weights to set"
        raise errors.Invalid("ModifyRule", "InvalidLoadBalancerAction", said)
    if not any(action.weights.values()):
        said = "weights that are all 0 send traffic nowhere"
        raise errors.Invalid("ModifyRule", "InvalidLoadBalancerAction", said)
    if same(rule.weights, action.weights) and (not action.exact or rule.weights.keys() == action.weights.keys()):
        return None
    if action.expected is not None and not same(rule.weights, action.expected):
        said = f"saw {spell(rule.weights)}, expected {spell(action.expected)}"
        raise errors.Changed("ModifyRule", "Changed", f"someone else changed the listener rule: {said}")
    return [*(_kept(each) for each in rule.actions[:-1]), _forward(rule, action.weights)]


def same(left: Mapping[str, int], right: Mapping[str, int]) -> bool:
    return {arn: weight for arn, weight in left.items() if weight} == {
        arn: weight for arn, weight in right.items() if weight
    }


def spell(weights: Mapping[str, int]) -> str:
    """ "shop-blue 100, shop-green 0", by the target groups' names."""
    return ", ".join(f"{arn.split('/')[1] if '/' in arn else arn} {weight}" for arn, weight in weights.items())


def _kept(action: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(action)
    if "AuthenticateOidcConfig" in kept:
        # AWS never shows the client secret; without this word it would refuse the list, or lose the secret.
        kept["AuthenticateOidcConfig"] = {**kept["AuthenticateOidcConfig"], "UseExistingClientSecret": True}
    return kept


def _forward(rule: Rule, weights: Mapping[str, int]) -> dict[str, Any]:
    # TargetGroupArn may only accompany a ForwardConfig of that one group, so it is left out.
    kept = {key: value for key, value in rule.actions[-1].items() if key not in {"TargetGroupArn", "ForwardConfig"}}
    config = dict(rule.actions[-1].get("ForwardConfig", {}))
    config["TargetGroups"] = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
    return {**kept, "ForwardConfig": config}
