"""What is kept of a look: what an approver sees when a gate opens, and points of the chart."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deployments.aws.values import Target
from deployments.evidence import verdict
from deployments.evidence.measuring import Measured
from deployments.evidence.providers.cloudwatch_traffic import ERRORS_5XX, LATENCY
from deployments.evidence.targets import healthy
from deployments.evidence.values import REQUESTS, AlarmState, Place, Quantity, TargetHealth, Value
from deployments.evidence.watched import Watched


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one slot showed at one look; becomes a Measurement. None = not looked at."""

    percent: float | None = None
    healthy: int | None = None
    targets: int | None = None
    requests: int | None = None
    errors_5xx: int | None = None
    latency_ms: float | None = None


def at_gate(watched: Watched, measured: Measured) -> dict[str, Any]:
    """What was answered, as it is stored with a gate:

        "health": {"green": "2 of 2 healthy"}           "alarms": {"shop-5xx": "OK"}
        "traffic": {"green": {"requests": 40, "errors_5xx": 0, "latency_ms": 12.5}}
        "figures": [{"side": "green", "title": "CPU utilization", "value": 41.5, "unit": "%"}]

        "warnings": ["Only 3 requests of new 1.1.0 were seen, too few to judge (from 20)."]

    "figures" is there only where something else is measured, "warnings" only where there are any.
    """
    values = measured.known(watched)
    shown: dict[str, Any] = {
        "health": {each.side: f"{healthy(each.targets)} of {len(each.targets)} healthy" for each in _health(values)},
        "alarms": {value.name: value.state for value in values if isinstance(value, AlarmState)},
        "traffic": _traffic(values),
    }
    figures = [_figure(each) for each in _quantities(values, Place.FIGURES)]
    doubts = [*verdict.doubts(watched, measured)]
    return shown | ({"figures": figures} if figures else {}) | ({"warnings": doubts} if doubts else {})


def readings(watched: Watched, measured: Measured) -> Mapping[str, Reading]:
    """One a side that was looked at, without its share of the traffic."""
    values = measured.known(watched)
    health = {each.side: each.targets for each in _health(values)}
    traffic = _traffic(values)
    return {side: _reading(health.get(side), traffic.get(side, {})) for side in {**health, **traffic}}


def _reading(targets: tuple[Target, ...] | None, traffic: Mapping[str, Any]) -> Reading:
    return Reading(
        healthy=healthy(targets) if targets is not None else None,
        targets=len(targets) if targets is not None else None,
        requests=traffic.get(REQUESTS.key),
        errors_5xx=traffic.get(ERRORS_5XX.key),
        latency_ms=traffic.get(LATENCY.key),
    )


def _health(values: Iterable[Value]) -> Iterator[TargetHealth]:
    return (value for value in values if isinstance(value, TargetHealth))


def _quantities(values: Iterable[Value], place: Place) -> Iterator[Quantity]:
    return (value for value in values if isinstance(value, Quantity) and value.metric.place is place)


def _traffic(values: Iterable[Value]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for each in _quantities(values, Place.TRAFFIC):
        found.setdefault(each.side, {})[each.metric.key] = each.value
    return found


def _figure(seen: Quantity) -> dict[str, Any]:
    return {"side": seen.side, "title": seen.metric.title, "value": seen.value, "unit": seen.metric.unit.value}
