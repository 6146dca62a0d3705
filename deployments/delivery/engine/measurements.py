"""What each look measured, kept as rows: the points of the chart, and evidence afterwards."""

from collections.abc import Mapping
from datetime import datetime

from deployments.delivery.models import Deployment, Measurement
from deployments.evidence import Reading
from deployments.vocabulary import Slot


def keep(deployment: Deployment, readings: Mapping[Slot, Reading], now: datetime) -> None:
    Measurement.objects.bulk_create(
        Measurement(
            deployment=deployment,
            at=now,
            slot=slot,
            percent=reading.percent,
            healthy=reading.healthy,
            targets=reading.targets,
            requests=reading.requests,
            errors_5xx=reading.errors_5xx,
            latency_ms=reading.latency_ms,
        )
        for slot, reading in readings.items()
    )
