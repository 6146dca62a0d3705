"""Elastic Load Balancing's listeners: every rule of a load balancer, and where one forwards to."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from deployments.aws import errors, values
from deployments.aws.calling import Caller
from deployments.aws.weights import rule_from

#: A Network Load Balancer has listeners and no rules: ECS names the listener where an application's names a rule.
_NETWORK = ":listener/net/"


def is_network(arn: str) -> bool:
    """Whether a Network Load Balancer's listener stands in the place of a rule."""
    return _NETWORK in arn


def load_balancer_of(rule_arn: str) -> str:
    """…:listener-rule/app/NAME/LB/LISTENER/RULE names the load balancer …:loadbalancer/app/NAME/LB."""
    prefix, path = rule_arn.split(":listener/" if is_network(rule_arn) else ":listener-rule/")
    return f"{prefix}:loadbalancer/{'/'.join(path.split('/')[:3])}"


def listener_of(rule_arn: str) -> str:
    """…:listener-rule/app/NAME/LB/LISTENER/RULE is a rule of …:listener/app/NAME/LB/LISTENER."""
    if is_network(rule_arn):
        return rule_arn
    return rule_arn.rsplit("/", 1)[0].replace(":listener-rule/", ":listener/")


class Listeners(Caller):
    def rule(self, arn: str) -> values.Rule:
        """A Network Load Balancer's listener is read as the one rule that it is."""
        found = self._described_listeners([arn]) if is_network(arn) else self._described_rules([arn])
        if not found:
            raise errors.NotFound("DescribeRules", "RuleNotFound", f"{arn} does not exist")
        return found[0]

    def rules_named(self, arns: Collection[str]) -> Mapping[str, values.Rule]:
        rules, listeners = [arn for arn in arns if not is_network(arn)], [arn for arn in arns if is_network(arn)]
        return self._all_named(rules, self._described_rules) | self._all_named(listeners, self._described_listeners)

    def _all_named(
        self, arns: list[str], described: Callable[[list[str]], list[values.Rule]]
    ) -> dict[str, values.Rule]:
        if not arns:
            return {}
        try:
            return {rule.arn: rule for rule in described(arns)}
        except errors.NotFound:
            # One missing rule makes the whole call fail; asked one by one, the others answer.
            if len(arns) == 1:
                return {}
            return {arn: rule for each in arns for arn, rule in self._all_named([each], described).items()}

    def _described_rules(self, arns: list[str]) -> list[values.Rule]:
        answer = self.call("elbv2", "DescribeRules", RuleArns=arns)
        return [_rule(raw, listener_of(raw["RuleArn"])) for raw in answer["Rules"]]

    def _described_listeners(self, arns: list[str]) -> list[values.Rule]:
        answer = self.call("elbv2", "DescribeListeners", ListenerArns=arns)
        return [
            rule_from(
                arn=raw["ListenerArn"], listener_arn=raw["ListenerArn"], is_default=True, actions=raw["DefaultActions"]
            )
            for raw in answer["Listeners"]
        ]

    def routes(self, load_balancer: str) -> tuple[values.Route, ...]:
        """Every rule of every listener, in the order of ports and priorities."""
        found = []
        for page in self.pages("elbv2", "DescribeListeners", LoadBalancerArn=load_balancer):
            listeners = [raw for raw in page["Listeners"] if raw.get("Protocol") in ("HTTP", "HTTPS")]
            for listener in sorted(listeners, key=lambda raw: raw.get("Port", 0)):
                for rules in self.pages("elbv2", "DescribeRules", ListenerArn=listener["ListenerArn"]):
                    found += [
                        values.Route(
                            listener=listener["ListenerArn"],
                            port=listener.get("Port", 0),
                            protocol=listener.get("Protocol", ""),
                            rule=_rule(raw, listener["ListenerArn"]),
                        )
                        for raw in rules["Rules"]
                    ]
        return tuple(found)


def _rule(raw: Mapping[str, Any], listener: str) -> values.Rule:
    return rule_from(
        arn=raw["RuleArn"],
        listener_arn=listener,
        is_default=raw["IsDefault"],
        actions=raw["Actions"],
        conditions=raw.get("Conditions", ()),
    )
