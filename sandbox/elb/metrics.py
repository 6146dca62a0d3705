"""What the load balancers measured, in buckets of one AWS minute.

A bucket starts at a multiple of its length in real UTC time, so at scale 20 there is one every three
seconds. A series without requests has no buckets: CloudWatch then has no datapoint, which is not the same
as a zero.
"""

import threading
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field

NAMESPACE = "AWS/ApplicationELB"
BUCKETS_KEPT = 24 * 60
SAMPLES_KEPT = 20_000

Key = tuple[str, str, frozenset[tuple[str, str]]]  # region, name, dimensions


@dataclass
class Bucket:
    """The samples of one AWS minute; the values themselves only where percentiles are asked for."""

    count: int = 0
    total: float = 0.0
    minimum: float = float("inf")
    maximum: float = float("-inf")
    values: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, value: float, *, keep: bool) -> None:
        self.count += 1
        self.total += value
        self.minimum = min(self.minimum, value)
        self.maximum = max(self.maximum, value)
        if keep and len(self.values) < SAMPLES_KEPT:
            self.values.append(value)


Series = dict[int, Bucket]


class Metrics:
    """Written by the proxy's loop, read by the threads that answer CloudWatch calls."""

    def __init__(self, bucket_seconds: float) -> None:
        self.bucket_seconds = bucket_seconds
        self._series: dict[Key, Series] = {}
        self._lock = threading.Lock()

    def add(self, region: str, name: str, dimensions: frozenset[tuple[str, str]], value: float, now: float) -> None:
        number = int(now // self.bucket_seconds)
        with self._lock:
            series = self._series.setdefault((region, name, dimensions), {})
            bucket = series.get(number)
            if bucket is None:
                bucket = series[number] = Bucket()
                if len(series) > BUCKETS_KEPT:
                    del series[next(iter(series))]
            bucket.add(value, keep=name == "TargetResponseTime")

    def series(self, region: str, name: str, dimensions: Mapping[str, str]) -> Series:
        """The buckets of exactly this metric; dimensions match as a whole, as CloudWatch has it."""
        with self._lock:
            return dict(self._series.get((region, name, frozenset(dimensions.items())), {}))

    def known(self, region: str) -> list[tuple[str, dict[str, str]]]:
        with self._lock:
            return [(name, dict(dimensions)) for where, name, dimensions in self._series if where == region]


def load_balancer_dimensions(load_balancer_arn: str) -> frozenset[tuple[str, str]]:
    return frozenset({("LoadBalancer", load_balancer_arn.partition(":loadbalancer/")[2])})


def target_group_dimensions(target_group_arn: str, load_balancer_arn: str) -> frozenset[tuple[str, str]]:
    target_group = ("TargetGroup", target_group_arn.rpartition(":")[2])
    return load_balancer_dimensions(load_balancer_arn) | {target_group}
