"""What the parts of the sandbox know of each other: these protocols and nothing more.

ECS is the sandbox's own (``sandbox.ecs``), so moto's ``ecs_backends`` stay empty; everything else is moto's,
extended. The server asks ECS, not moto, whether a service exists when Application Auto Scaling registers a
scalable target.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Json = dict[str, Any]


@dataclass(frozen=True)
class TargetState:
    """One entry of DescribeTargetHealth, in AWS's words."""

    state: str  # initial, healthy, unhealthy, draining, unused, unavailable
    reason: str = ""
    description: str = ""


class LoadBalancers(Protocol):
    """Listeners, target health and draining, as ECS needs them. Every method may be called from any thread."""

    def register(self, target_group_arn: str, ip: str, port: int) -> None: ...

    def deregister(self, target_group_arn: str, ip: str, port: int) -> None: ...

    def health(self, target_group_arn: str, ip: str, port: int) -> TargetState: ...

    def attached(self, target_group_arn: str) -> bool:
        """Whether a listener or a rule forwards to the target group."""
        ...

    def listeners(self) -> list[dict[str, Any]]: ...

    def seconds_to_drain(self, target_group_arn: str) -> float:
        """Real seconds from deregistration until the target is gone."""
        ...

    def close(self) -> None: ...


class CannotWrite(Exception):
    """The rule or a target group is gone, or the load balancer refuses them."""


class Rules(Protocol):
    """Listener rules, as a service sees them that shifts traffic."""

    def weights(self, rule_arn: str) -> dict[str, int] | None:
        """Weight by target group ARN; None when there is no such rule."""
        ...

    def write(self, rule_arn: str, weights: Mapping[str, int]) -> None:
        """Raises CannotWrite."""
        ...


class CannotMake(Exception):
    """What ECS was to make for a service cannot be made."""


class Managed(Protocol):
    """What ECS makes and keeps for a service of Express Mode or behind a gateway.

    What ``ingress`` holds is `sandbox.elb.ingress`'s.
    """

    def make_ingress(
        self, name: str, host: str, port: int, health_path: str, network: Json, test: Json | None = None
    ) -> Json:
        """``test`` is the header (name, values) of test traffic. Raises CannotMake."""
        ...

    def make_group(self, name: str, ingress: Json) -> str:
        """A security group for the tasks, that lets the load balancer in."""
        ...

    def let_in(self, group: str, ingress: Json) -> None:
        """The load balancer, by this security group of the owner's."""
        ...

    def drop_ingress(self, ingress: Json) -> None: ...

    def check(self, ingress: Json, path: str) -> None:
        """Health checks go to this path from now on."""
        ...

    def put_alarm(self, name: str, ingress: Json) -> str:
        """The alarm that rolls a deployment back; its ARN."""
        ...

    def scale(self, resource: str, least: int, most: int) -> str:
        """The scalable target's ARN."""
        ...

    def drop(self, ingress: Json, alarm: str, resource: str) -> None: ...


class PutEvent(Protocol):
    """EventBridge, as services send it what happened. Never waits, never raises."""

    def __call__(self, source: str, detail_type: str, resource: str, detail: Callable[[], Json]) -> None:
        """``resource`` is an ARN; ``detail`` is only asked for when somebody listens."""
        ...


def put_nowhere(source: str, detail_type: str, resource: str, detail: Callable[[], Json]) -> None:
    """For a service that runs without EventBridge."""


class Closeable(Protocol):
    def close(self) -> None: ...
