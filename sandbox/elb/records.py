"""Reading moto's records of load balancers, listeners, rules and target groups."""

from collections.abc import Iterable
from typing import Any

from moto.elbv2.models import elbv2_backends

from sandbox.elb.targets import HealthCheck, TargetGroup


def owner(thing: Any) -> tuple[str, str]:
    """Region and account, of an ARN or of one of moto's backends."""
    if isinstance(thing, str):
        region, account = thing.split(":")[3:5]
        return region, account
    return thing.region_name, thing.account_id


def listener_arn_of(rule_arn: str) -> str:
    return rule_arn.replace(":listener-rule/", ":listener/").rpartition("/")[0]


def load_balancer_arn_of(listener_arn: str) -> str:
    return listener_arn.replace(":listener/", ":loadbalancer/").rpartition("/")[0]


def target_groups_in(action: dict[str, Any]) -> list[str]:
    """ARNs of the target groups that an action forwards to, weight 0 included."""
    if action.get("Type") != "forward":
        return []
    shares = action.get("ForwardConfig", {}).get("TargetGroups") or [action]
    return [share["TargetGroupArn"] for share in shares if share.get("TargetGroupArn")]


def in_order(rules: Iterable[Any]) -> list[Any]:
    """By priority, the default rule last."""
    return sorted(rules, key=lambda rule: (rule.is_default, 0 if rule.is_default else int(rule.priority)))


def attached_load_balancers(backend: Any) -> dict[str, list[str]]:
    """Target group ARN to the load balancers whose listeners or rules refer to it, each once."""
    attached: dict[str, list[str]] = {}
    for balancer in list(backend.load_balancers.values()):
        for listener in list(balancer.listeners.values()):
            for rule in list(listener.rules.values()):
                for arn in (arn for action in rule.actions for arn in target_groups_in(action.data)):
                    arns = attached.setdefault(arn, [])
                    if balancer.arn not in arns:
                        arns.append(balancer.arn)
    return attached


def targets_are_instances(target_group_arn: str) -> bool:
    region, account = owner(target_group_arn)
    group = elbv2_backends[account][region].target_groups.get(target_group_arn)
    return group is not None and group.target_type == "instance"


def target_group_from(record: Any) -> TargetGroup:
    """Our target group for one of moto's; moto keeps numbers as text here and there."""
    matcher = getattr(record, "matcher", None) or {}
    return TargetGroup(
        arn=record.arn,
        check=HealthCheck(
            protocol=record.health_check_protocol or "HTTP",
            path=record.health_check_path or "/",
            port=str(record.health_check_port or "traffic-port"),
            interval=float(record.health_check_interval_seconds),
            timeout=float(record.health_check_timeout_seconds),
            healthy_threshold=int(record.healthy_threshold_count),
            unhealthy_threshold=int(record.unhealthy_threshold_count),
            codes=matcher.get("HttpCode") or "200",
        ),
        default_port=int(record.port or 80),
        deregistration_delay=float(record.attributes["deregistration_delay.timeout_seconds"]),
        load_balancer_arns=tuple(record.load_balancer_arns),
    )
