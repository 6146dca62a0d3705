"""From what each look counted since the last shift of traffic to requests per second, shares and latency over time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from deployments.delivery.models import Deployment, Measurement
from deployments.delivery.views.served import share_5xx
from deployments.vocabulary import Role

#: CloudWatch counts by the minute, so that between two looks there is nothing or all of it.
_OVER = timedelta(minutes=1)
#: Seconds. Of less, one count that comes late looks like a rush.
_LEAST = 4


@dataclass(frozen=True, kw_only=True)
class Seen:
    """None where nothing was measured."""

    #: per second, in the minute before
    requests: float | None
    #: percent of the requests since the last shift, as it is judged
    share_5xx: float | None
    #: on average, as it is judged
    latency_ms: float | None

    @property
    def is_something(self) -> bool:
        return any(value is not None for value in (self.requests, self.share_5xx, self.latency_ms))


@dataclass(frozen=True, kw_only=True)
class Look:
    at: datetime
    #: percent of production on the new one; None where it was not read
    share: float | None
    seen: Mapping[Role, Seen]


@dataclass
class _Count:
    """What one side was asked, look by look, since traffic last moved."""

    points: list[tuple[datetime, int]]
    share: float | None = None

    def rate(self, at: datetime, requests: int | None, share: float | None) -> float | None:
        """`share`: percent of production; where it moves, it is counted anew."""
        moved, self.share = share != self.share, share
        last = self.points[-1] if self.points else None
        # Where nothing is counted yet the count begins all the same: what comes first came since.
        counted = last[1] if requests is None and last and not moved else requests or 0
        if last and (moved or counted < last[1]):
            self.points = [(last[0], 0)]
        self.points.append((at, counted))
        recent = [point for point in self.points[:-1] if at - point[0] <= _OVER] or self.points[-2:-1]
        if not recent:
            return None
        self.points = [*recent, self.points[-1]]
        if requests is None:
            return None
        seconds = (at - recent[0][0]).total_seconds()
        return (requests - recent[0][1]) / seconds if seconds >= _LEAST else None


def looks(deployment: Deployment, measurements: Sequence[Measurement]) -> tuple[Look, ...]:
    """Oldest first, as `measurements` are."""
    counts = {role: _Count([]) for role in Role}
    by_slot: dict[str, Role] = {slot: Role(role) for slot, role in deployment.roles.items()}
    return tuple(
        _look(at, [(by_slot[row.slot], row) for row in rows if row.slot in by_slot], counts)
        for at, rows in groupby(measurements, key=lambda row: row.at)
    )


def _look(at: datetime, rows: Iterable[tuple[Role, Measurement]], counts: Mapping[Role, _Count]) -> Look:
    found = dict(rows)
    target = found.get(Role.TARGET)
    return Look(
        at=at,
        share=target.percent if target else None,
        seen={role: _seen(row, counts[role]) for role, row in found.items()},
    )


def _seen(row: Measurement, count: _Count) -> Seen:
    return Seen(
        requests=count.rate(row.at, row.requests, row.percent),
        share_5xx=share_5xx(row.requests, row.errors_5xx),
        latency_ms=row.latency_ms,
    )
