"""The shop's green slot under watch beside blue, as frozen values."""

from collections.abc import Mapping
from typing import Any

from deployments.aws.values import Alarm, Target, Traffic
from deployments.evidence import Measured, Watched
from deployments.evidence.providers.cloudwatch_alarms import ALARMS
from deployments.evidence.providers.cloudwatch_traffic import TRAFFIC
from deployments.evidence.providers.target_health import TARGET_HEALTH
from tests.fakes.aws import SHOP
from tests.swaps.cases import BLUE, GREEN, NOON, seconds, settings

BALANCER = SHOP.load_balancer
LIMITS = {"alarms": ("shop-5xx",), "max_5xx_percent": 1.0, "max_latency_ms": 400, "min_requests": 20}


def watched(**changes: Any) -> Watched:
    limits = {**LIMITS, **changes.pop("environment", {})}
    return Watched(
        **{
            "settings": settings(**limits),
            "release": "green",
            "names": {"blue": "old 1.0.0", "green": "new 1.1.0"},
            "load_balancer": BALANCER,
            "target_groups": {"blue": BLUE, "green": GREEN},
            "since": NOON - seconds(60),
            **changes,
        }
    )


def measured(
    *,
    alarms: Mapping[str, Alarm] | None = None,
    health: Mapping[str, tuple[Target, ...]] | None = None,
    traffic: Mapping[str, Traffic] | None = None,
    **others: Any,
) -> Measured:
    """As the providers would have answered, by side; None: not asked."""
    answers = {ALARMS.name: alarms, TARGET_HEALTH.name: health, TRAFFIC.name: traffic, **others}
    return Measured({name: answer for name, answer in answers.items() if answer is not None})


def look(**seen: Any) -> dict[str, Any]:
    """What a swap observes: `health`, `alarms` and `traffic` by slot are what was measured, the rest is as it is."""
    answers = {name: seen.pop(name) for name in ("health", "alarms", "traffic") if name in seen}
    return {**seen, "measured": measured(**answers)}
