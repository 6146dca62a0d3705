"""Which stages a strategy goes through, with how much traffic and how long."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

RECONCILE_SERVICE = "RECONCILE_SERVICE"
PRE_SCALE_UP, SCALE_UP, POST_SCALE_UP = "PRE_SCALE_UP", "SCALE_UP", "POST_SCALE_UP"
TEST_TRAFFIC_SHIFT, POST_TEST_TRAFFIC_SHIFT = "TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT"
PRE_PRODUCTION_TRAFFIC_SHIFT = "PRE_PRODUCTION_TRAFFIC_SHIFT"
PRODUCTION_TRAFFIC_SHIFT = "PRODUCTION_TRAFFIC_SHIFT"
POST_PRODUCTION_TRAFFIC_SHIFT = "POST_PRODUCTION_TRAFFIC_SHIFT"
BAKE_TIME, CLEAN_UP = "BAKE_TIME", "CLEAN_UP"

HOOK_STAGES = (
    RECONCILE_SERVICE,
    PRE_SCALE_UP,
    POST_SCALE_UP,
    TEST_TRAFFIC_SHIFT,
    POST_TEST_TRAFFIC_SHIFT,
    PRE_PRODUCTION_TRAFFIC_SHIFT,
    PRODUCTION_TRAFFIC_SHIFT,
    POST_PRODUCTION_TRAFFIC_SHIFT,
)


@dataclass(frozen=True)
class Step:
    stage: str
    percent: float | None = None  # of the stage's traffic that the target has from here on
    minutes: float = 0.0  # AWS minutes before the next step


def plan(configuration: dict[str, Any], *, first: bool, reconcile: bool) -> list[Step]:
    start = [Step(RECONCILE_SERVICE)] if reconcile else []
    if first:
        return [*start, Step(SCALE_UP), *shifted(100.0), Step(CLEAN_UP)]
    return [
        *start,
        Step(PRE_SCALE_UP),
        Step(SCALE_UP),
        Step(POST_SCALE_UP),
        Step(TEST_TRAFFIC_SHIFT, 100.0),
        Step(POST_TEST_TRAFFIC_SHIFT),
        *_production(configuration),
        Step(POST_PRODUCTION_TRAFFIC_SHIFT),
        Step(BAKE_TIME, minutes=float(configuration.get("bakeTimeInMinutes", 0))),
        Step(CLEAN_UP),
    ]


def way_back(*, test: bool, production: bool) -> list[Step]:
    """Production first: that is where people are."""
    return [*shifted(0.0, test=test, production=production), Step(CLEAN_UP)]


def shifted(percent: float, *, test: bool = True, production: bool = True) -> list[Step]:
    steps = [(PRODUCTION_TRAFFIC_SHIFT, production), (TEST_TRAFFIC_SHIFT, test)]
    return [Step(stage, percent) for stage, wanted in steps if wanted]


def _production(configuration: dict[str, Any]) -> Iterator[Step]:
    *shares, last = ladder(configuration)
    minutes = _step_minutes(configuration)
    for share in shares:
        yield Step(PRE_PRODUCTION_TRAFFIC_SHIFT)
        yield Step(PRODUCTION_TRAFFIC_SHIFT, share, minutes)
    yield Step(PRE_PRODUCTION_TRAFFIC_SHIFT)
    yield Step(PRODUCTION_TRAFFIC_SHIFT, last)


def ladder(configuration: dict[str, Any]) -> list[float]:
    """The target's percentages of production traffic, one after another."""
    strategy = configuration.get("strategy")
    if strategy == "CANARY":
        share = float(configuration["canaryConfiguration"]["canaryPercent"])
        return [share, 100.0] if share < 100 else [100.0]
    if strategy == "LINEAR":
        step = float(configuration["linearConfiguration"]["stepPercent"])
        # Tenths are counted, so that ten steps of 10.1 do not become 100.99999.
        tenths = [round(step * 10) * count for count in range(1, 1 + int(1000 / round(step * 10)))]
        return [*(each / 10 for each in tenths if each < 1000), 100.0]
    return [100.0]


def _step_minutes(configuration: dict[str, Any]) -> float:
    if configuration.get("strategy") == "CANARY":
        return float(configuration["canaryConfiguration"]["canaryBakeTimeInMinutes"])
    if configuration.get("strategy") == "LINEAR":
        return float(configuration["linearConfiguration"]["stepBakeTimeInMinutes"])
    return 0.0
