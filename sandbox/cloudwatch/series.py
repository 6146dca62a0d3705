"""Metrics as time series: which samples there are, and the statistic over each period.

Time is counted in buckets of one scaled AWS minute. A period of 300 seconds is five buckets, aligned to
multiples of five; anything up to 60 seconds is one. A period without samples has no point.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.elb.metrics import NAMESPACE, Bucket, Metrics, Series

Points = dict[int, float]
SIMPLE_STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


class UnknownStatistic(ValueError):
    """Not one of the statistics that CloudWatch knows."""


@dataclass(frozen=True)
class Window:
    """The buckets from ``first`` up to and without ``end``."""

    first: int
    end: int

    @classmethod
    def between(cls, start: datetime, end: datetime, bucket_seconds: float) -> "Window":
        """StartTime counts down to its bucket and is included; EndTime is not."""
        return cls(math.floor(_timestamp(start) / bucket_seconds), math.ceil(_timestamp(end) / bucket_seconds - 1e-9))

    def slots(self, length: int) -> range:
        """The first buckets of the periods in the window, for periods of ``length`` buckets."""
        return range(self.first - self.first % length, self.end, length)


class Sources:
    """Load balancers' own measurements, and for other namespaces what was put into moto."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics
        self.bucket_seconds = metrics.bucket_seconds

    def series(self, backend: Any, namespace: str, name: str, dimensions: Mapping[str, str]) -> Series:
        if namespace == NAMESPACE:
            return self.metrics.series(backend.region_name, name, dimensions)
        return self._from_moto(backend, namespace, name, dict(dimensions))

    def points(self, backend: Any, stat: Mapping[str, Any], window: Window) -> tuple[Points, int]:
        """A MetricStat's value for each period that has samples, and the buckets in a period."""
        metric = stat["Metric"]
        dimensions = {one["Name"]: one["Value"] for one in metric.get("Dimensions") or []}
        series = self.series(backend, metric["Namespace"], metric["MetricName"], dimensions)
        length = buckets_in(stat["Period"])
        points = {}
        for slot in window.slots(length):
            buckets = [series[number] for number in range(slot, slot + length) if number in series]
            if buckets:
                points[slot] = statistic(stat["Stat"], buckets)
        return points, length

    def time_of(self, slot: int) -> datetime:
        return datetime.fromtimestamp(slot * self.bucket_seconds, UTC)

    def _from_moto(self, backend: Any, namespace: str, name: str, dimensions: dict[str, str]) -> Series:
        series: Series = {}
        for datum in list(backend.get_all_metrics()):
            named = {one.name: one.value for one in datum.dimensions}
            if (datum.namespace, datum.name, named) == (namespace, name, dimensions):
                number = math.floor(_timestamp(datum.timestamp) / self.bucket_seconds)
                _add_datum(series.setdefault(number, Bucket()), datum)
        return series


def buckets_in(period: Any) -> int:
    return max(1, int(period) // 60)


def statistic(name: str, buckets: Iterable[Bucket]) -> float:
    buckets = list(buckets)
    count, total = sum(bucket.count for bucket in buckets), sum(bucket.total for bucket in buckets)
    if name == "Sum":
        return total
    if name == "SampleCount":
        return float(count)
    if name == "Average":
        return total / count
    if name == "Minimum":
        return min(bucket.minimum for bucket in buckets)
    if name == "Maximum":
        return max(bucket.maximum for bucket in buckets)
    return _percentile(name, sorted(value for bucket in buckets for value in bucket.values))


def _percentile(name: str, values: list[float]) -> float:
    """Between the two nearest samples, in proportion."""
    try:
        percent = float(name.removeprefix("p"))
    except ValueError:
        percent = -1
    if not name.startswith("p") or not 0 <= percent <= 100:
        raise UnknownStatistic(name)
    place = (len(values) - 1) * percent / 100
    below, above = values[math.floor(place)], values[math.ceil(place)]
    return below + (above - below) * (place - math.floor(place))


def _add_datum(bucket: Bucket, datum: Any) -> None:
    if hasattr(datum, "value"):
        bucket.add(float(datum.value), keep=True)
        return
    bucket.count += int(datum.sample_count)
    bucket.total += datum.sum
    bucket.minimum, bucket.maximum = min(bucket.minimum, datum.min), max(bucket.maximum, datum.max)


def _timestamp(when: datetime) -> float:
    """moto hands out naive UTC times here and there."""
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
