"""Elastic Load Balancing: rules, target groups and their targets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deployments.aws.conditions import Condition, in_words


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A listener rule as it stands. `weights` maps target group ARN to weight, in the rule's order.

    `forwards` is False for a rule that ends in a redirect or fixed response; `actions` is the raw list, so
    that a write keeps authenticate actions and stickiness as they were.
    """

    arn: str
    listener_arn: str
    is_default: bool
    weights: Mapping[str, int]
    actions: tuple[Mapping[str, Any], ...]
    forwards: bool = True
    stickiness_seconds: int = 0
    conditions: tuple[Condition, ...] = ()

    @property
    def requests(self) -> str:
        """Which ones it catches, in words."""
        return in_words(self.conditions, is_default=self.is_default)

    @property
    def catches_marked_requests(self) -> bool:
        """Whether only those that their sender marks, by a header for instance: never all of production."""
        return any(condition.marks_requests for condition in self.conditions)

    @property
    def live(self) -> tuple[str, ...]:
        return tuple(arn for arn, weight in self.weights.items() if weight > 0)

    def share(self, target_group: str) -> float:
        """Percent of the rule's traffic that goes to this target group."""
        total = sum(self.weights.values())
        return 100 * self.weights.get(target_group, 0) / total if total else 0.0


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    arn: str
    name: str
    load_balancer_arns: tuple[str, ...]
    vpc: str
    target_type: str
    protocol: str
    port: int
    health_path: str
    health_interval: int
    health_timeout: int
    healthy_threshold: int
    unhealthy_threshold: int
    matcher: str
    deregistration_delay: int
    stickiness: bool = False
    #: a number, or "traffic-port": the one that each target is registered with
    health_port: str = "traffic-port"
    health_protocol: str = "HTTP"
    #: whether `matcher` has codes of gRPC, of which 0 is a success, instead of HTTP's
    is_grpc: bool = False


@dataclass(frozen=True, kw_only=True)
class Target:
    id: str
    port: int
    state: str
    reason: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class NetworkListener:
    """A listener of a Network Load Balancer, which has no rules: all of its connections go to these target groups."""

    arn: str
    port: int
    #: TCP, TLS, UDP or TCP_UDP
    protocol: str
    #: ARNs
    target_groups: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Route:
    """One rule of one listener of a load balancer."""

    listener: str
    port: int
    protocol: str
    rule: Rule

    @property
    def requests(self) -> str:
        """Which ones it catches, in words."""
        return f"{self.rule.requests} on port {self.port}"
