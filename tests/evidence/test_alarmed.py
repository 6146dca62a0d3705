from typing import Any

import pytest

from deployments.aws.values import Alarm, Metric
from deployments.evidence import alarmed
from tests.evidence.cases import BALANCER, watched
from tests.swaps.cases import GREEN

ALL = {"LoadBalancer": BALANCER.partition(":loadbalancer/")[2]}
OF_GREEN = {**ALL, "TargetGroup": GREEN.rpartition(":")[2]}
ERRORS, LATENCY = "HTTPCode_Target_5XX_Count", "TargetResponseTime"


def untold(*metrics: Metric, **environment: Any) -> str:
    alarms = {"shop-5xx": Alarm(name="shop-5xx", state="OK", metrics=metrics)}
    return alarmed.untold(watched(environment=environment), alarms)


@pytest.mark.parametrize("dimensions", [ALL, OF_GREEN])
def test_a_limit_is_covered_by_an_alarm_over_all_targets_or_those_of_the_release(dimensions: dict[str, str]) -> None:
    errors, latency = (Metric(name=name, dimensions=dimensions) for name in (ERRORS, LATENCY))

    assert untold() == ERRORS
    assert untold(errors) == LATENCY
    assert untold(errors, latency) == ""
    assert untold(errors, max_latency_ms=None) == ""


@pytest.mark.parametrize(
    "dimensions", [{"LoadBalancer": "app/other/1"}, {**ALL, "TargetGroup": "of/blue"}, {**OF_GREEN, "Zone": "a"}]
)
def test_an_alarm_over_something_else_covers_nothing(dimensions: dict[str, str]) -> None:
    assert untold(Metric(name=ERRORS, dimensions=dimensions), max_latency_ms=None) == ERRORS


def test_an_alarm_that_is_not_the_environment_s_covers_nothing() -> None:
    errors = Metric(name=ERRORS, dimensions=ALL)
    foreign = {"other": Alarm(name="other", state="OK", metrics=(errors,))}

    assert alarmed.untold(watched(environment={"max_latency_ms": None}), foreign) == ERRORS
