"""CloudWatch: alarms, and what a load balancer measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Metric:
    name: str
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Alarm:
    name: str
    state: str
    reason: str = ""
    changed_at: datetime | None = None
    #: what it measures, metric math taken apart; a composite alarm measures nothing itself
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """One target group's requests in a window. Latencies in milliseconds; None = no datapoint."""

    requests: int = 0
    #: that a target answered
    errors_5xx: int = 0
    #: to which the load balancer said 502 or 504 itself, because the target it had chosen gave no answer
    unanswered: int = 0
    #: of these, because no connection was made
    connection_errors: int = 0
    latency_ms: float | None = None
    #: requests by the minute that began then; one without any is absent
    minutes: Mapping[datetime, int] = field(default_factory=dict)
    #: the end of the window
    until: datetime | None = None

    @property
    def failed(self) -> int:
        """All that clients got a 5xx for."""
        return self.errors_5xx + self.unanswered

    @property
    def percent_5xx(self) -> float:
        return 100 * self.failed / self.requests if self.requests else 0.0
