"""What the load balancer's own checks say of each target."""

from collections.abc import Mapping
from datetime import datetime

from deployments.aws.protocol import Gateway
from deployments.aws.values import Target
from deployments.evidence.values import Metric, TargetHealth
from deployments.evidence.watched import Watched


class LoadBalancerTargets:
    name = "targets"
    metrics: tuple[Metric, ...] = ()
    told_by_events = True

    def measure(self, watched: Watched, gateway: Gateway, now: datetime) -> Mapping[str, tuple[Target, ...]] | None:
        return {side: gateway.target_health(group) for side, group in watched.target_groups.items()}

    def values(self, watched: Watched, answer: Mapping[str, tuple[Target, ...]] | None) -> tuple[TargetHealth, ...]:
        """Whose release has to have targets but was not looked at has none."""
        found = dict(answer or {})
        if watched.wanted is not None:
            found.setdefault(watched.release, ())
        return tuple(TargetHealth(side=side, targets=targets) for side, targets in found.items())


TARGET_HEALTH = LoadBalancerTargets()
