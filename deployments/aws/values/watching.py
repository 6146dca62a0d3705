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
    """One target group's answers in a window. Latencies in milliseconds; None = no datapoint."""

    requests: int = 0
    errors_5xx: int = 0
    latency_ms: float | None = None

    @property
    def percent_5xx(self) -> float:
        return 100 * self.errors_5xx / self.requests if self.requests else 0.0
