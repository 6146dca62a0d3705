"""Strategies as ladders of weights: which share of production the target gets, and how long each is watched."""

import re
from dataclasses import dataclass

from deployments.frozen import EnvironmentSettings
from deployments.vocabulary import Strategy

#: CodeDeploy's own, by their known names.
PRESETS = (
    Strategy.ALL_AT_ONCE,
    Strategy.CANARY_10_5,
    Strategy.CANARY_10_15,
    Strategy.LINEAR_10_1,
    Strategy.LINEAR_10_3,
)


@dataclass(frozen=True)
class Rung:
    percent: int
    bake_seconds: int


_RUNG = re.compile(r"^(?P<percent>\d{1,3})\s*(?::\s*(?P<seconds>\d{1,6}))?$")


def ladder(settings: EnvironmentSettings, strategy: Strategy) -> tuple[Rung, ...]:
    """The rungs up to and including 100 %; the last one has no bake of its own (BAKE_TIME follows).

    Raises ValueError with a sentence when the environment's own ladder cannot be read.
    """
    match strategy:
        case Strategy.BLUE_GREEN | Strategy.ALL_AT_ONCE:
            return (Rung(100, 0),)
        case Strategy.CANARY:
            return _canary(settings.canary_percent, settings.canary_bake_seconds)
        case Strategy.CANARY_10_5:
            return _canary(10, 5 * 60)
        case Strategy.CANARY_10_15:
            return _canary(10, 15 * 60)
        case Strategy.LINEAR:
            return _linear(settings.linear_percent, settings.linear_bake_seconds)
        case Strategy.LINEAR_10_1:
            return _linear(10, 60)
        case Strategy.LINEAR_10_3:
            return _linear(10, 3 * 60)
        case Strategy.LADDER:
            return parse(settings.ladder)
        case _:
            raise ValueError(f"{strategy.label} is not a ladder of weights.")


def _canary(percent: int, bake_seconds: int) -> tuple[Rung, ...]:
    return Rung(percent, bake_seconds), Rung(100, 0)


def _linear(percent: int, bake_seconds: int) -> tuple[Rung, ...]:
    return *(Rung(p, bake_seconds) for p in range(percent, 100, percent)), Rung(100, 0)


def parse(text: str) -> tuple[Rung, ...]:
    """Read "1:300, 5:600, 100": percent : seconds. Raises ValueError with a sentence."""
    if not text.strip():
        raise ValueError("This environment has no ladder of its own; write one such as 5:600, 25:600, 100.")
    rungs = []
    for part in text.split(","):
        match = _RUNG.match(part.strip())
        if not match:
            raise ValueError(f"“{part.strip()}” is not a rung; write percent or percent:seconds, such as 5:600.")
        rungs.append(Rung(int(match["percent"]), int(match["seconds"] or 0)))
    percents = [rung.percent for rung in rungs]
    if percents != sorted(set(percents)) or percents[0] < 1:
        raise ValueError(f"The ladder {text} has to climb, from 1 % upwards.")
    if percents[-1] != 100:
        raise ValueError(f"The ladder {text} has to end at 100.")
    return *rungs[:-1], Rung(100, 0)
