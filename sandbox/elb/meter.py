"""Counts what a load balancer does, under the metric names and dimensions of AWS/ApplicationELB."""

import time

from sandbox.account import region_of
from sandbox.elb.metrics import Metrics, load_balancer_dimensions, target_group_dimensions
from sandbox.elb.targets import TargetGroup


class Meter:
    """One load balancer's counters. Health checks never pass through here.

    A Network Load Balancer counts no requests.
    """

    def __init__(self, metrics: Metrics, load_balancer_arn: str) -> None:
        self._metrics = metrics
        self._load_balancer_arn = load_balancer_arn
        self._region = region_of(load_balancer_arn)
        self._counts = "/net/" not in load_balancer_arn
        self._balancer = load_balancer_dimensions(load_balancer_arn)
        self._groups: dict[str, frozenset[tuple[str, str]]] = {}

    def answered(self, group: TargetGroup, status: int, seconds: float) -> None:
        """A target answered. All of it counts in one minute, so that no share is ever above 100 %."""
        now = time.time()
        self._both("RequestCount", group, 1, now)
        self._both(f"HTTPCode_Target_{status // 100}XX_Count", group, 1, now)
        self._both("TargetResponseTime", group, seconds, now)

    def unanswered(self, group: TargetGroup) -> None:
        """A target was chosen but never answered. Without a target to choose, a request is not counted."""
        self._both("RequestCount", group, 1, time.time())

    def unreachable(self, group: TargetGroup) -> None:
        now = time.time()
        self._both("RequestCount", group, 1, now)
        self._both("TargetConnectionErrorCount", group, 1, now)

    def own_answer(self, status: int) -> None:
        """The load balancer itself answered with an error: known per load balancer only."""
        self._balancer_only(f"HTTPCode_ELB_{status // 100}XX_Count")
        if status in (500, 502, 503, 504):
            self._balancer_only(f"HTTPCode_ELB_{status}_Count")

    def redirected(self) -> None:
        self._balancer_only("HTTP_Redirect_Count")

    def fixed_response(self) -> None:
        self._balancer_only("HTTP_Fixed_Response_Count")

    def hosts(self, group: TargetGroup) -> None:
        dimensions, now = self._dimensions(group), time.time()
        self._metrics.add(self._region, "HealthyHostCount", dimensions, group.count("healthy"), now)
        self._metrics.add(self._region, "UnHealthyHostCount", dimensions, group.count("unhealthy"), now)

    def _both(self, name: str, group: TargetGroup, value: float, now: float) -> None:
        if not self._counts:
            return
        self._metrics.add(self._region, name, self._balancer, value, now)
        self._metrics.add(self._region, name, self._dimensions(group), value, now)

    def _balancer_only(self, name: str) -> None:
        if self._counts:
            self._metrics.add(self._region, name, self._balancer, 1, time.time())

    def _dimensions(self, group: TargetGroup) -> frozenset[tuple[str, str]]:
        known = self._groups.get(group.arn)
        if known is None:
            known = self._groups[group.arn] = target_group_dimensions(group.arn, self._load_balancer_arn)
        return known
