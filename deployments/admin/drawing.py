"""Small pictures drawn on the server as SVG coordinates: no library, they print, and need no script."""

from dataclasses import dataclass

from deployments.delivery.views.plan import shares_sentence
from deployments.frozen import Plan
from deployments.languages.units import with_unit


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
        labels.append(Mark(x + 2, y - 4, with_unit(str(percent), "%")))
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
