"""Small pictures drawn on the server as SVG coordinates: no library, they print, and need no script."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from deployments.delivery.views.plan import shares_sentence
from deployments.delivery.views.series import Measure, Point, Series
from deployments.frozen import Plan


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
        sentence=shares_sentence(plan),
    )


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
_TITLES = {Measure.REQUESTS: "Requests", Measure.SHARE_5XX: "5xx answers", Measure.LATENCY_MS: "Latency"}
_UNITS = {Measure.REQUESTS: "", Measure.SHARE_5XX: " %", Measure.LATENCY_MS: " ms"}


def charts(measured: Sequence[Series]) -> tuple[Chart, ...]:
    """One small chart each, both slots on the same scale."""
    return tuple(_chart(each) for each in measured)


def _chart(measured: Series) -> Chart:
    title, unit, limit = _TITLES[measured.measure], _UNITS[measured.measure], measured.limit
    points = [point for slot in measured.slots for point in slot.points]
    start, end = min(point.at for point in points), max(point.at for point in points)
    highest = max(max(point.value for point in points), (limit or 0) * 1.1, 1.0)
    lines = [_line(slot.slot, unit, slot.points, start, end, highest) for slot in measured.slots]
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


def _line(slot: str, unit: str, points: Sequence[Point], start: datetime, end: datetime, highest: float) -> Line:
    span = max((end - start).total_seconds(), 1.0)
    drawn = [(_x((point.at - start).total_seconds() / span), _y(point.value / highest)) for point in points]
    drawn += drawn[:1] if len(drawn) == 1 else []  # a line of no length is drawn as a dot
    return Line(slot, " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn), f"{_figure(points[-1].value)}{unit}")


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:,.1f}"


def _x(share: float) -> float:
    return _PAD + share * (_WIDTH - 2 * _PAD)


def _y(share: float) -> float:
    return _HEIGHT - _PAD - share * (_HEIGHT - 3 * _PAD)
