"""What was measured of the slots over time, with the limits it is held against: numbers, no picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deployments.delivery.models import Measurement
from deployments.delivery.views.served import share_5xx
from deployments.vocabulary import Slot


class Measure(StrEnum):
    REQUESTS = "requests"
    #: percent of the requests
    SHARE_5XX = "share_5xx"
    LATENCY_MS = "latency_ms"


@dataclass(frozen=True, kw_only=True)
class Point:
    at: datetime
    value: float


@dataclass(frozen=True, kw_only=True)
class SlotSeries:
    slot: Slot
    #: oldest first, at least one
    points: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Series:
    measure: Measure
    #: what is too much, in the measure's unit; None without a limit
    limit: float | None
    #: blue first; at least one
    slots: tuple[SlotSeries, ...]


def series(
    measurements: Sequence[Measurement], *, max_5xx: float | None, max_latency: float | None
) -> tuple[Series, ...]:
    """Of each measure that was taken at least once. `measurements`: oldest first."""
    limit_5xx = max_5xx if max_5xx and max_5xx < 100 else None
    every = (
        _series(Measure.REQUESTS, None, measurements, lambda row: row.requests),
        _series(Measure.SHARE_5XX, limit_5xx, measurements, lambda row: share_5xx(row.requests, row.errors_5xx)),
        _series(Measure.LATENCY_MS, max_latency or None, measurements, lambda row: row.latency_ms),
    )
    return tuple(one for one in every if one.slots)


def _series(
    measure: Measure, limit: float | None, rows: Sequence[Measurement], value: Callable[[Measurement], float | None]
) -> Series:
    points: dict[str, list[Point]] = {slot: [] for slot in Slot}
    for row in rows:
        measured = value(row)
        if measured is not None:
            points[row.slot].append(Point(at=row.at, value=float(measured)))
    slots = tuple(SlotSeries(slot=slot, points=tuple(points[slot])) for slot in Slot if points[slot])
    return Series(measure=measure, limit=limit, slots=slots)
