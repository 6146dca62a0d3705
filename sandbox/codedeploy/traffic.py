"""Listeners as CodeDeploy uses them: moto's records, changed by the methods that the API uses too.

Not through the API itself: CodeDeploy's own calls are neither counted nor throttled with the account's, and
a fault that a test asks for must not hit them.

CodeDeploy rewrites a listener's default action, and with it every rule of that listener that forwards to
one of the two target groups, to a weighted forward.
"""

from typing import Any

from moto.elbv2.models import elbv2_backends

from sandbox.account import ACCOUNT, region_of
from sandbox.elb.records import load_balancer_arn_of, target_groups_in

Json = dict[str, Any]


def target_group(region: str, name: str) -> Any:
    """moto's record by name or ARN, or None."""
    groups = list(_backend(region).target_groups.values())
    return next((group for group in groups if name in (group.name, group.arn)), None)


def instance_groups(region: str) -> list[tuple[str, int]]:
    """ARNs and ports of the target groups that hold instances."""
    groups = list(_backend(region).target_groups.values())
    return [(group.arn, int(group.port)) for group in groups if group.target_type == "instance"]


def target_group_arn(region: str, name: str) -> str | None:
    group = target_group(region, name)
    return str(group.arn) if group is not None else None


def target_group_name(arn: str) -> str:
    return arn.split(":targetgroup/")[-1].split("/")[0]


def known_listener(arn: str) -> bool:
    parts = arn.split(":")
    balancer = _backend(parts[3]).load_balancers.get(load_balancer_arn_of(arn)) if len(parts) == 6 else None
    return balancer is not None and arn in balancer.listeners


def forwards(listener_arn: str) -> dict[str, int]:
    """Target groups of the default action with their weights; empty when it does not forward."""
    weights: dict[str, int] = {}
    for action in _listener(listener_arn).default_actions:
        shares = action.data.get("ForwardConfig", {}).get("TargetGroups") or [
            {"TargetGroupArn": arn} for arn in target_groups_in(action.data)
        ]
        weights |= {share["TargetGroupArn"]: int(share.get("Weight", 1)) for share in shares}
    return weights


def write_weights(listener_arn: str, weights: dict[str, int]) -> None:
    """The default action, and each rule that forwards to one of these target groups."""
    backend, listener = _backend(region_of(listener_arn)), _listener(listener_arn)
    # No certificates are given, so those that an HTTPS listener has stay.
    backend.modify_listener(listener_arn, certificates=[], actions=_rewritten(listener.default_actions, weights))
    for rule in list(listener.rules.values()):
        concerned = any(arn in weights for action in rule.actions for arn in target_groups_in(action.data))
        if concerned and not rule.is_default:
            backend.modify_rule(rule_arn=rule.arn, conditions=[], actions=_rewritten(rule.actions, weights))


def _rewritten(actions: list[Any], weights: dict[str, int]) -> list[Json]:
    """The same actions with another forward at their end: signing in stays where it was."""
    before = [_signing_in(action) for action in actions if action.type.startswith("authenticate-")]
    order = {"Order": len(before) + 1} if before else {}
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
    forward: Json = {
        "TargetGroups": groups,
        "TargetGroupStickinessConfig": {"Enabled": False},
    }
    return [*before, {"Type": "forward", **order, "ForwardConfig": forward}]


def _signing_in(action: Any) -> Json:
    """It is never told its secret, and keeps the one that is there."""
    if "AuthenticateOidcConfig" not in action.data:
        return dict(action.data)
    config = {**action.data["AuthenticateOidcConfig"], "UseExistingClientSecret": True}
    return {**action.data, "AuthenticateOidcConfig": config}


def _listener(arn: str) -> Any:
    return _backend(region_of(arn)).load_balancers[load_balancer_arn_of(arn)].listeners[arn]


def _backend(region: str) -> Any:
    return elbv2_backends[ACCOUNT][region]
