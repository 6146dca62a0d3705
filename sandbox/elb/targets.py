"""Targets and their states, as DescribeTargetHealth reports them.

    register ─> initial ──pass──> healthy <──healthy threshold── unhealthy
                  └──────── unhealthy threshold of failures ────────^
    deregister ─> draining ──deregistration delay──> gone

A newly registered target needs one passing check. A group that no rule or listener refers to is not
checked: its targets are ``unused``. Transitions happen under one lock; what the proxy reads for each
request is a tuple that is replaced as a whole, so routing takes no lock.
"""

import itertools
from dataclasses import dataclass, field

from sandbox.seams import TargetState

NOT_IN_USE = TargetState(
    "unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"
)
NOT_REGISTERED = TargetState("unused", "Target.NotRegistered", "Target is not registered to the target group")
REGISTERING = TargetState("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
CHECKING = TargetState("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
DRAINING = TargetState("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
HEALTHY = TargetState("healthy")


@dataclass(frozen=True)
class HealthCheck:
    """A target group's health check settings; times in AWS seconds."""

    protocol: str = "HTTP"
    path: str = "/"
    port: str = "traffic-port"
    interval: float = 30
    timeout: float = 5
    healthy_threshold: int = 5
    unhealthy_threshold: int = 2
    codes: str = "200"

    def accepts(self, status: int) -> bool:
        """Whether the matcher, such as ``200,202`` or ``200-299``, names this status."""
        for part in self.codes.split(","):
            first, _, last = part.strip().partition("-")
            if int(first) <= status <= int(last or first):
                return True
        return False


@dataclass(eq=False)
class Target:
    """One id and port in one target group. ``ip`` is where it really listens."""

    id: str
    port: int
    ip: str
    state: TargetState = REGISTERING
    passes: int = 0
    failures: int = 0

    @property
    def routable(self) -> bool:
        return self.state.state in ("initial", "healthy", "unhealthy")

    def passed(self, check: HealthCheck) -> None:
        self.passes, self.failures = self.passes + 1, 0
        if self.state.state == "initial" or self.passes >= check.healthy_threshold:
            self.state = HEALTHY

    def failed(self, check: HealthCheck, seen: TargetState) -> None:
        self.passes, self.failures = 0, self.failures + 1
        if self.state.state == "unhealthy" or self.failures >= check.unhealthy_threshold:
            self.state = seen


@dataclass(eq=False)
class TargetGroup:
    arn: str
    check: HealthCheck = HealthCheck()
    default_port: int = 80
    deregistration_delay: float = 300
    load_balancer_arns: tuple[str, ...] = ()
    targets: dict[tuple[str, int], Target] = field(default_factory=dict)
    routable: tuple[Target, ...] = ()
    _turn: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def attached(self) -> bool:
        return bool(self.load_balancer_arns)

    def settle(self) -> None:
        """Work out who gets requests: the healthy ones, or all of them when none is (it fails open)."""
        registered = [target for target in self.targets.values() if target.routable]
        healthy = [target for target in registered if target.state is HEALTHY]
        self.routable = tuple(healthy or registered)

    def next_target(self) -> Target | None:
        """Round robin; None for a group that can take no request."""
        routable = self.routable
        return routable[next(self._turn) % len(routable)] if routable else None

    def count(self, state: str) -> int:
        return sum(1 for target in list(self.targets.values()) if target.state.state == state)
