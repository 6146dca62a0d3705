"""Elastic Load Balancing: the weights of rules, target groups and the health of their targets."""

from collections.abc import Collection, Mapping
from typing import Any

from deployments.aws import actions, errors, values, weights
from deployments.aws.calling import chunks
from deployments.aws.listeners import Listeners

GROUPS_A_CALL = 20
#: The tag by which ECS marks what it made for itself.
OWNED_BY_ECS = "AmazonECSManaged"


class Elbv2(Listeners):
    def target_groups(self, arns: Collection[str]) -> Mapping[str, values.TargetGroup]:
        found: dict[str, values.TargetGroup] = {}
        for some in chunks(arns, GROUPS_A_CALL):
            for raw in self._described(some):
                try:
                    attributes = self._attributes(raw["TargetGroupArn"])
                except errors.NotFound:  # deleted in between
                    continue
                found[raw["TargetGroupArn"]] = _target_group(raw, attributes)
        return found

    def target_groups_named(self, names: Collection[str]) -> Mapping[str, values.TargetGroup]:
        found: dict[str, values.TargetGroup] = {}
        for some in chunks(names, GROUPS_A_CALL):
            for raw in self.call("elbv2", "DescribeTargetGroups", Names=some)["TargetGroups"]:
                attributes = self._attributes(raw["TargetGroupArn"])
                found[raw["TargetGroupName"]] = _target_group(raw, attributes)
        return found

    def _described(self, arns: list[str]) -> list[Mapping[str, Any]]:
        try:
            groups: list[Mapping[str, Any]] = self.call("elbv2", "DescribeTargetGroups", TargetGroupArns=arns)[
                "TargetGroups"
            ]
            return groups
        except errors.NotFound:
            # One missing group makes the whole call fail; asked one by one, the others answer.
            if len(arns) == 1:
                return []
            return [group for arn in arns for group in self._described([arn])]

    def _attributes(self, arn: str) -> dict[str, str]:
        answer = self.call("elbv2", "DescribeTargetGroupAttributes", TargetGroupArn=arn)
        return {each["Key"]: each.get("Value", "") for each in answer["Attributes"]}

    def target_health(self, target_group: str) -> tuple[values.Target, ...]:
        answer = self.call("elbv2", "DescribeTargetHealth", TargetGroupArn=target_group)
        return tuple(
            values.Target(
                id=each["Target"]["Id"],
                port=each["Target"].get("Port", 0),
                state=each["TargetHealth"]["State"],
                reason=each["TargetHealth"].get("Reason", ""),
                description=each["TargetHealth"].get("Description", ""),
            )
            for each in answer["TargetHealthDescriptions"]
        )

    def owned_by_ecs(self, arns: Collection[str]) -> tuple[str, ...]:
        found = []
        for some in chunks(arns, GROUPS_A_CALL):
            for raw in self.call("elbv2", "DescribeTags", ResourceArns=some)["TagDescriptions"]:
                if {"Key": OWNED_BY_ECS, "Value": "true"} in raw["Tags"]:
                    found.append(str(raw["ResourceArn"]))
        return tuple(found)

    def load_balancer_security_groups(self, load_balancer: str) -> tuple[str, ...]:
        found = self.call("elbv2", "DescribeLoadBalancers", LoadBalancerArns=[load_balancer])["LoadBalancers"]
        if not found:
            said = f"{load_balancer} does not exist"
            raise errors.NotFound("DescribeLoadBalancers", "LoadBalancerNotFound", said)
        return tuple(found[0].get("SecurityGroups", []))

    def _set_weights(self, action: actions.SetWeights) -> actions.Made:
        rule = self.rule(action.rule)
        changed = weights.rewritten(rule, action)
        if changed is None:
            return actions.Made()
        if rule.is_default:  # ModifyRule refuses the default rule
            self.call("elbv2", "ModifyListener", ListenerArn=rule.listener_arn, DefaultActions=changed)
        else:
            self.call("elbv2", "ModifyRule", RuleArn=rule.arn, Actions=changed)
        return actions.Made()


def _target_group(raw: Mapping[str, Any], attributes: Mapping[str, str]) -> values.TargetGroup:
    # Groups of Lambda functions have no protocol, port or VPC; TCP health checks no path or matcher.
    matcher = raw.get("Matcher", {})
    return values.TargetGroup(
        arn=raw["TargetGroupArn"],
        name=raw["TargetGroupName"],
        load_balancer_arns=tuple(dict.fromkeys(raw.get("LoadBalancerArns", []))),
        vpc=raw.get("VpcId", ""),
        target_type=raw.get("TargetType", ""),
        protocol=raw.get("Protocol", ""),
        port=raw.get("Port", 0),
        health_path=raw.get("HealthCheckPath", ""),
        health_interval=raw.get("HealthCheckIntervalSeconds", 0),
        health_timeout=raw.get("HealthCheckTimeoutSeconds", 0),
        healthy_threshold=raw.get("HealthyThresholdCount", 0),
        unhealthy_threshold=raw.get("UnhealthyThresholdCount", 0),
        matcher=matcher.get("HttpCode") or matcher.get("GrpcCode") or "",
        deregistration_delay=int(attributes.get("deregistration_delay.timeout_seconds", "300")),
        stickiness=attributes.get("stickiness.enabled") == "true",
        health_port=raw.get("HealthCheckPort") or "traffic-port",
        health_protocol=raw.get("HealthCheckProtocol", ""),
        is_grpc=bool(matcher.get("GrpcCode")),
    )
