"""Small pictures drawn on the server as SVG coordinates: no library, they print, and need no script."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from deployments.delivery.models import Measurement
from deployments.frozen import Plan
from deployments.vocabulary import Slot
from deployments.words import duration_words


@dataclass(frozen=True)
class Mark:
    x: float
    y: float
    text: str = ""


@dataclass(frozen=True)
class Ladder:
    """Percent on the target over time, as a path in a box of width × height."""

    width: int
    height: int
    path: str
    area: str
    labels: tuple[Mark, ...]
    gates: tuple[Mark, ...]
    sentence: str


def ladder(plan: Plan, *, width: int = 240, height: int = 76) -> Ladder:
    """A step without bake time is drawn with a sliver of width, so that it can be seen at all."""
    rungs = [(step.percent, step.bake_seconds, bool(step.gate)) for step in plan.steps if step.percent is not None]
    tail = sum(step.bake_seconds for step in plan.steps if step.stage == "BAKE_TIME")
    total = sum(seconds for _, seconds, _ in rungs) + tail
    sliver = max(total * 0.06, 1)
    spans = [max(seconds, sliver) for _, seconds, _ in rungs]
    spans[-1] = max(tail, sliver * 3)
    left, top, bottom = 12.0, 16.0, height - 8.0
    scale = (width - left - 22) / (sum(spans) + sliver)
    before = sum(1 for step in plan.steps if step.gate and step.percent is None and step.stage != "BAKE_TIME")
    x = left + sliver * scale
    path, labels = f"M{left:.1f} {bottom:.1f}H{x:.1f}", []
    gates = [Mark(left + sliver * scale / 2, bottom)] if before else []
    for (percent, _, gated), span in zip(rungs, spans, strict=True):
        y = bottom - (bottom - top) * percent / 100
        path += f"V{y:.1f}"
        labels.append(Mark(x + 2, y - 4, f"{percent} %"))
        x += span * scale
        path += f"H{x:.1f}"
        if gated:
            gates.append(Mark(x, y))
    shown = labels if len(labels) <= 4 else labels[-1:]
    return Ladder(
        width=width,
        height=height,
        path=path,
        area=f"{path}V{bottom:.1f}H{left:.1f}Z",
        labels=tuple(shown),
        gates=tuple(gates),
        sentence=ladder_sentence(plan),
    )


def ladder_sentence(plan: Plan) -> str:
    parts = [
        f"{step.percent}\u00a0%" + (f" for {duration_words(step.bake_seconds)}" if step.bake_seconds else "")
        for step in plan.steps
        if step.percent is not None
    ]
    if len(parts) > 5:
        parts = [*parts[:2], "…", *parts[-2:]]
    return ", then ".join(parts)


@dataclass(frozen=True)
class Line:
    slot: str
    points: str
    last: str


@dataclass(frozen=True)
class Chart:
    title: str
    unit: str
    lines: tuple[Line, ...]
    top: str
    limit: float | None  # y of the threshold
    limit_text: str
    start: datetime
    end: datetime
    sentence: str


_WIDTH, _HEIGHT, _PAD = 300.0, 84.0, 4.0


def charts(
    measurements: Sequence[Measurement], *, max_5xx: float | None, max_latency: float | None
) -> tuple[Chart, ...]:
    """Requests, share of 5xx and latency, one small chart each, both slots on the same scale."""
    drawn = (
        _chart("Requests", "", measurements, lambda row: row.requests),
        _chart("5xx answers", " %", measurements, _share_5xx, max_5xx if max_5xx and max_5xx < 100 else None),
        _chart("Latency", " ms", measurements, lambda row: row.latency_ms, max_latency),
    )
    return tuple(chart for chart in drawn if chart)


def _share_5xx(row: Measurement) -> float | None:
    return 100 * (row.errors_5xx or 0) / row.requests if row.requests else None


def _chart(
    title: str,
    unit: str,
    rows: Sequence[Measurement],
    value: Callable[[Measurement], float | None],
    limit: float | None = None,
) -> Chart | None:
    measured = ((row.slot, row.at, value(row)) for row in rows)
    known = [(slot, at, float(found)) for slot, at, found in measured if found is not None]
    if not known:
        return None
    start, end = known[0][1], known[-1][1]
    highest = max(max(found for _, _, found in known), (limit or 0) * 1.1, 1.0)
    drawn = (_line(slot, unit, known, highest) for slot in Slot)
    lines = [line for line in drawn if line]
    said = ", ".join(f"{line.slot} {line.last}" for line in lines)
    return Chart(
        title=title,
        unit=unit,
        lines=tuple(lines),
        top=f"{_figure(highest)}{unit}",
        limit=_y(limit / highest) if limit else None,
        limit_text=f"limit {limit:g}{unit}" if limit else "",
        start=start,
        end=end,
        sentence=f"{title}: {said}",
    )


def _line(slot: str, unit: str, known: Sequence[tuple[str, datetime, float]], highest: float) -> Line | None:
    start, end = known[0][1], known[-1][1]
    span = max((end - start).total_seconds(), 1.0)
    mine = [(at, found) for name, at, found in known if name == slot]
    if not mine:
        return None
    points = [(_x((at - start).total_seconds() / span), _y(found / highest)) for at, found in mine]
    points += points[:1] if len(points) == 1 else []  # a line of no length is drawn as a dot
    last = mine[-1][1]
    return Line(slot, " ".join(f"{x:.1f},{y:.1f}" for x, y in points), f"{_figure(last)}{unit}")


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:,.1f}"


def _x(share: float) -> float:
    return _PAD + share * (_WIDTH - 2 * _PAD)


def _y(share: float) -> float:
    return _HEIGHT - _PAD - share * (_HEIGHT - 3 * _PAD)
