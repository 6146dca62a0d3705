from collections.abc import Mapping
from typing import Any

import pytest

from deployments.aws.values import Alarm, Target, Traffic
from deployments.evidence import verdict
from deployments.swaps.service_pair.observe import Observed
from deployments.swaps.service_pair.watch import describe_health
from deployments.swaps.service_pair.watched import watched
from deployments.vocabulary import Slot, Stage
from tests.evidence import cases as evidence
from tests.swaps.cases import HEALTHY, at, targets

WATCHED = {"alarms": ("shop-5xx",), "max_5xx_percent": 1.0, "max_latency_ms": 400, "min_requests": 20}
SNAPSHOT = at(Stage.BAKE_TIME, environment=WATCHED)


def seen(
    alarm: str = "OK",
    green: Traffic | None = None,
    blue: Traffic | None = None,
    health: tuple[Target, ...] = HEALTHY,
    **changes: Any,
) -> Observed:
    alarms = {"shop-5xx": Alarm(name="shop-5xx", state=alarm, reason="12 datapoints" if alarm == "ALARM" else "")}
    traffic = {slot: each for slot, each in ((Slot.GREEN, green), (Slot.BLUE, blue)) if each}
    return Observed(
        **evidence.look(**{"alarms": alarms, "health": {Slot.GREEN: health}, "traffic": traffic, **changes})
    )


def problem(observed: Observed, **environment: Any) -> str:
    snapshot = at(Stage.BAKE_TIME, environment={**WATCHED, **environment})
    return verdict.problem(watched(snapshot), observed.measured)


@pytest.mark.parametrize(
    ("observed", "fragment"),
    [
        (seen(), ""),
        (seen("INSUFFICIENT_DATA"), ""),
        (seen("ALARM"), "Alarm shop-5xx is in ALARM: 12 datapoints"),
        (seen(alarms={}), "Alarm shop-5xx does not exist any more"),
        (seen(alarms=None), "Alarm shop-5xx does not exist any more"),
        (seen(alarms={"shop-5xx": Alarm(name="shop-5xx", state="ALARM")}), "in ALARM: no reason given"),
        (seen(health=targets("healthy", "unhealthy")), ""),
        (seen(health=targets("unhealthy", "draining")), "No target of new 1.1.0 is healthy: 10.0.0.1:8000"),
        (seen(health=()), "No target of new 1.1.0 is healthy: no target is registered"),
        (seen(green=Traffic(requests=19, errors_5xx=19)), ""),
        (seen(green=Traffic(requests=100, errors_5xx=1)), ""),
        (
            seen(green=Traffic(requests=20, errors_5xx=1)),
            "New 1.1.0 answered 1 of 20 requests (5.0 %) with 5xx; at most 1",
        ),
        (
            seen(green=Traffic(requests=20, errors_5xx=1), blue=Traffic(requests=200, errors_5xx=6)),
            "at most 1 % is allowed; old 1.0.0 answered 3.0 % with 5xx.",
        ),
        (seen(green=Traffic(requests=20, latency_ms=400)), ""),
        (seen(green=Traffic(requests=19, latency_ms=900)), ""),
        (
            seen(green=Traffic(requests=20, latency_ms=401)),
            "New 1.1.0 took 401 ms on average; at most 400 ms is allowed.",
        ),
    ],
)
def test_what_turns_a_swap_back(observed: Observed, fragment: str) -> None:
    said = problem(observed)

    assert fragment in said
    assert bool(said) is bool(fragment)


@pytest.mark.parametrize(
    ("environment", "observed"),
    [
        ({"alarms": ()}, seen(alarms={})),
        ({"max_5xx_percent": 100}, seen(green=Traffic(requests=50, errors_5xx=50))),
        ({"max_latency_ms": None}, seen(green=Traffic(requests=50, latency_ms=9000))),
    ],
)
def test_a_watch_can_be_switched_off(environment: Mapping[str, Any], observed: Observed) -> None:
    assert problem(observed, **environment) == ""


@pytest.mark.parametrize(
    ("observed", "words"),
    [
        (seen(), "new 1.1.0 answered no requests, too few to judge (from 20)"),
        (seen(green=Traffic(requests=19)), "new 1.1.0 answered 19 requests, too few to judge (from 20)"),
        (seen(green=Traffic(requests=40, errors_5xx=1)), "new 1.1.0 answered 40 requests, 2.5 % of them 5xx"),
        (
            seen(green=Traffic(requests=40, latency_ms=12.4)),
            "new 1.1.0 answered 40 requests, 0.0 % of them 5xx, 12 ms on average",
        ),
    ],
)
def test_the_watch_says_what_it_sees(observed: Observed, words: str) -> None:
    assert verdict.summary(watched(SNAPSHOT), observed.measured) == words


@pytest.mark.parametrize(
    ("health", "words"),
    [
        ((), "no target is registered"),
        (targets("draining"), "no target is registered"),
        (HEALTHY, "all registered targets are healthy"),
        (targets("unhealthy", description="[503]"), "10.0.0.1:8000 unhealthy ([503])"),
        (
            targets("initial", "healthy", "unhealthy", "unused", "initial", "initial"),
            "10.0.0.1:8000 initial; 10.0.0.3:8000 unhealthy; 10.0.0.4:8000 unused and 2 more",
        ),
        (
            (Target(id="i-1", port=32768, state="unhealthy", reason="Target.Timeout"),),
            "i-1:32768 unhealthy (Target.Timeout)",
        ),
    ],
)
def test_health_is_said_in_the_words_of_aws(health: tuple[Target, ...], words: str) -> None:
    assert describe_health(seen(health=health), Slot.GREEN) == words
