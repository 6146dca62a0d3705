"""What the script of the chart is given of a deployment's course, and the same as rows of a table."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deployments.delivery.views.course import Course, Look, Seen, Share, Side
from deployments.languages.told import told

#: Of more looks a table has some that are evenly spread.
_ROWS = 24
#: of a side's word
_NAMES = {"old": "Old", "new": "New"}
_NOTHING = Seen(requests=None, share_5xx=None, latency_ms=None)


@dataclass(frozen=True, kw_only=True)
class Row:
    at: datetime
    share: float | None
    #: as the course's sides
    seen: tuple[Seen, ...]


def chart(course: Course) -> dict[str, Any]:
    """Of times there are seconds since the course began; `x` and each line's `values` are of one length."""
    every = {look.at for look in course.looks} | {share.at for share in (*course.shares, *course.planned)}
    moments = sorted(every | {course.begins, course.until})
    return {
        "begins": course.begins.timestamp(),
        "until": _since(course, course.until),
        "from": _since(course, course.shown_from),
        "shown": _since(course, course.shown_until),
        "over": course.is_over,
        "x": [_since(course, at) for at in moments],
        "panes": list(_panes(course, moments)),
        "gates": [
            [_since(course, gate.opened_at), _since(course, gate.closed_at) if gate.closed_at else None, told(gate.who)]
            for gate in course.gates
        ],
        "marks": [[_since(course, mark.at), mark.kind, mark.text] for mark in course.marks],
    }


def _panes(course: Course, moments: Sequence[datetime]) -> Iterator[dict[str, Any]]:
    if course.shares or course.planned:
        yield {"key": "share", "title": told("Traffic to the new one"), "unit": "%", "lines": _shares(course, moments)}
    if not course.is_measured:
        return
    measured = (
        ("requests", "Requests per second", "", None, lambda seen: seen.requests),
        ("errors", "5xx answers", "%", course.max_5xx, lambda seen: seen.share_5xx),
        ("latency", "Latency, on average", "ms", course.max_latency_ms, lambda seen: seen.latency_ms),
    )
    for key, title, unit, limit, value in measured:
        lines = [_line(side, course.looks, moments, value) for side in course.sides]
        if any(point is not None for line in lines for point in line["values"]):
            yield {"key": key, "title": told(title), "unit": unit, "limit": limit, "lines": lines}


def _shares(course: Course, moments: Sequence[datetime]) -> list[dict[str, Any]]:
    seen = [_at(course.shares, at) if at <= course.until else None for at in moments]
    planned = [_at(course.planned, at) if at >= course.until else None for at in moments]
    lines = [{"role": "target", "name": told("New").lower(), "values": seen}] if course.shares else []
    return (
        [*lines, {"role": "planned", "name": told("Planned").lower(), "values": planned}] if course.planned else lines
    )


def _at(shares: Sequence[Share], at: datetime) -> float | None:
    number = bisect_right(shares, at, key=lambda share: share.at)
    return shares[number - 1].percent if number else None


def _line(
    side: Side, looks: Sequence[Look], moments: Sequence[datetime], value: Callable[[Seen], float | None]
) -> dict[str, Any]:
    found = {look.at: value(look.seen[side.role]) for look in looks if side.role in look.seen}
    return {
        "role": side.role,
        "name": told(_NAMES[side.word]).lower(),
        "values": [_rounded(found.get(at)) for at in moments],
    }


def _rounded(value: float | None) -> float | None:
    """To what can be told apart: it is sent again with each look."""
    return None if value is None else float(f"{value:.3g}") if value < 100 else round(value)


def _since(course: Course, at: datetime) -> float:
    return round((at - course.begins).total_seconds(), 1)


def rows(course: Course) -> tuple[Row, ...]:
    """Oldest first: where traffic moved, and looks between."""
    chosen = {share.at: share.percent for share in course.shares}
    looks = {look.at: look for look in course.looks}
    spread = list(looks)[:: max(len(looks) // _ROWS, 1)]
    return tuple(
        Row(
            at=at,
            share=_at(course.shares, at),
            seen=tuple((looks[at].seen if at in looks else {}).get(side.role, _NOTHING) for side in course.sides),
        )
        for at in sorted({*chosen, *spread, *list(looks)[-1:]})
    )
