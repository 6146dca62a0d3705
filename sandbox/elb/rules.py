"""Weights of listener rules, for the AWS services that shift traffic themselves.

They go straight to moto's records: a request through the front door would wait for whoever wrote the journal
last. The rule is rewritten as AWS's services rewrite it, as a weighted ForwardConfig of these target groups and
nothing else; only its stickiness is kept.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from moto.core.exceptions import ServiceException
from moto.elbv2.models import elbv2_backends

from sandbox.account import ACCOUNT, region_of
from sandbox.calls import Call
from sandbox.elb.records import listener_arn_of, target_groups_in
from sandbox.seams import CannotWrite

Weights = dict[str, int]


class Rules:
    def __init__(self, note: Callable[[Call], None]) -> None:
        self._note = note

    def weights(self, rule_arn: str) -> Weights | None:
        """Weight by target group ARN; None when there is no such rule."""
        rule = _find(rule_arn)
        if rule is None:
            return None
        weights: Weights = {}
        for action in rule.actions:
            shares = action.data.get("ForwardConfig", {}).get("TargetGroups") or []
            given = {share["TargetGroupArn"]: int(share.get("Weight", 1)) for share in shares}
            weights |= {arn: given.get(arn, 1) for arn in target_groups_in(action.data)}
        return weights

    def write(self, rule_arn: str, weights: Mapping[str, int]) -> None:
        """Raises CannotWrite."""
        rule = _find(rule_arn)
        if rule is None:
            raise CannotWrite(f"The rule {rule_arn} does not exist.")
        config: dict[str, Any] = {
            "TargetGroups": [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
        }
        for action in rule.actions:
            if stickiness := action.data.get("ForwardConfig", {}).get("TargetGroupStickinessConfig"):
                config["TargetGroupStickinessConfig"] = stickiness
        action = {"Type": "forward", "Order": 1, "ForwardConfig": config}
        region = region_of(rule_arn)
        backend = elbv2_backends[ACCOUNT][region]
        try:
            if rule.is_default:
                operation, named = "ModifyListener", ("ListenerArn", listener_arn_of(rule.arn))
                backend.modify_listener(arn=named[1], certificates=[], actions=[action])
            else:
                operation, named = "ModifyRule", ("RuleArn", rule_arn)
                backend.modify_rule(rule_arn=rule_arn, conditions=[], actions=[action])
        except ServiceException as error:
            raise CannotWrite(str(error)) from error
        parameter = "DefaultActions" if rule.is_default else "Actions"
        form = {"Action": operation, "Version": "2015-12-01", named[0]: named[1], **_members(parameter, action)}
        self._note(Call("elasticloadbalancing", operation, "query", "sandbox", region, urlencode(form).encode(), form))


def _find(rule_arn: str) -> Any:
    for balancer in list(elbv2_backends[ACCOUNT][region_of(rule_arn)].load_balancers.values()):
        for listener in list(balancer.listeners.values()):
            for rule in list(listener.rules.values()):
                # ECS names a listener of a Network Load Balancer, which has its default rule and no other.
                if rule_arn in (rule.arn, listener.arn if rule.is_default else ""):
                    return rule
    return None


def _members(parameter: str, action: Mapping[str, Any]) -> dict[str, str]:
    """The action as the query protocol writes it, for the journal."""
    start = f"{parameter}.member.1"
    form = {f"{start}.Type": "forward", f"{start}.Order": "1"}
    for number, share in enumerate(action["ForwardConfig"]["TargetGroups"], start=1):
        member = f"{start}.ForwardConfig.TargetGroups.member.{number}"
        form |= {f"{member}.TargetGroupArn": share["TargetGroupArn"], f"{member}.Weight": str(share["Weight"])}
    stickiness = action["ForwardConfig"].get("TargetGroupStickinessConfig") or {}
    for name, value in stickiness.items():
        form[f"{start}.ForwardConfig.TargetGroupStickinessConfig.{name}"] = str(value).lower()
    return form
