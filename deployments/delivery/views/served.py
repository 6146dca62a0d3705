"""What was asked of a slot or a service, and how it answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deployments.delivery.models import Measurement


@dataclass(frozen=True, kw_only=True)
class Served:
    """None where nothing was measured."""

    requests: int | None
    errors_5xx: int | None
    #: percent of the requests; None when there were none
    share_5xx: float | None
    latency_ms: float | None


def measured(row: Measurement) -> Served:
    return Served(
        requests=row.requests,
        errors_5xx=row.errors_5xx,
        share_5xx=share_5xx(row.requests, row.errors_5xx),
        latency_ms=row.latency_ms,
    )


def kept(traffic: Mapping[str, Any] | None) -> Served | None:
    """Of what a gate keeps as evidence; members may be missing."""
    if not traffic:
        return None
    requests, errors = traffic.get("requests"), traffic.get("errors_5xx")
    return Served(
        requests=requests,
        errors_5xx=errors,
        share_5xx=share_5xx(requests, errors),
        latency_ms=traffic.get("latency_ms"),
    )


def share_5xx(requests: float | None, errors: float | None) -> float | None:
    return 100 * float(errors or 0) / float(requests) if requests else None
