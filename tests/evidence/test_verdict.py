from collections.abc import Mapping
from typing import Any

import pytest

from deployments.aws.values import Alarm, Traffic
from deployments.evidence import verdict
from tests.evidence.cases import measured, watched
from tests.swaps.cases import targets

OK = {"shop-5xx": Alarm(name="shop-5xx", state="OK")}
BUSY = {"shop-5xx": Alarm(name="shop-5xx", state="ALARM", reason="12 datapoints")}
FAILING = {"blue": Traffic(requests=200, errors_5xx=6), "green": Traffic(requests=20, errors_5xx=1, latency_ms=900)}
HUNG = {"green": Traffic(requests=127, errors_5xx=1, unanswered=13, connection_errors=4)}
SLOW = {"green": Traffic(requests=20, latency_ms=401)}
SICK = {"green": targets("unhealthy", "healthy", "healthy", "unused", description="[503]")}


def problem(changes: Mapping[str, Any] | None = None, **answers: Any) -> str:
    return verdict.problem(watched(**(changes or {})), measured(**{"alarms": OK, **answers}))


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({}, ""),
        ({"alarms": {}}, "Alarm shop-5xx does not exist any more, so nothing watches over the traffic."),
        ({"alarms": None}, "Alarm shop-5xx does not exist any more, so nothing watches over the traffic."),
        ({"alarms": BUSY}, "Alarm shop-5xx is in ALARM: 12 datapoints"),
        ({"alarms": {"shop-5xx": Alarm(name="shop-5xx", state="INSUFFICIENT_DATA")}}, ""),
        (
            {"traffic": FAILING},
            "New 1.1.0 answered 1 of 20 requests (5.0 %) with 5xx; at most 1 % is allowed; old 1.0.0 answered 3.0 % "
            "with 5xx.",
        ),
        (
            {"traffic": HUNG},
            "New 1.1.0 failed 14 of 127 requests (11.0 %): 13 without any answer, 4 of them without a connection, "
            "1 with 5xx; at most 1 % is allowed.",
        ),
        ({"traffic": SLOW}, "New 1.1.0 took 401 ms on average; at most 400 ms is allowed."),
        ({"traffic": {"green": Traffic(requests=19, errors_5xx=19, latency_ms=900)}}, ""),
        ({"traffic": {"green": Traffic(requests=100, errors_5xx=1, latency_ms=400)}}, ""),
        ({"traffic": {"blue": Traffic(requests=100, errors_5xx=100, latency_ms=900)}}, ""),
    ],
)
def test_what_speaks_against_a_release_is_said_in_a_sentence(answers: Mapping[str, Any], sentence: str) -> None:
    assert problem(**answers) == sentence


def test_the_first_problem_is_told_alarms_before_targets_before_traffic() -> None:
    wanted = {"wanted": 5}

    assert problem(wanted, alarms=BUSY, health=SICK, traffic=FAILING).startswith("Alarm shop-5xx is in ALARM")
    assert problem(wanted, health=SICK, traffic=FAILING) == (
        "Only 2 of 5 targets of new 1.1.0 are healthy: 10.0.0.1:8000 unhealthy ([503]); 10.0.0.4:8000 unused"
    )


def test_targets_are_judged_only_where_a_number_of_them_is_wanted() -> None:
    assert problem(health=SICK) == ""
    assert problem({"wanted": 4}, health=SICK) == ""
    assert "no target is registered" in problem({"wanted": 1}, health=None)
    assert "no target is registered" in problem({"wanted": 0}, health={"green": ()})


@pytest.mark.parametrize(
    ("environment", "answers"),
    [
        ({"alarms": ()}, {"alarms": None}),
        ({"max_5xx_percent": 100.0}, {"traffic": {"green": Traffic(requests=50, errors_5xx=50)}}),
        ({"max_latency_ms": None}, {"traffic": {"green": Traffic(requests=50, latency_ms=9000)}}),
    ],
)
def test_a_limit_can_be_switched_off(environment: Mapping[str, Any], answers: Mapping[str, Any]) -> None:
    assert problem({"environment": environment}, **answers) == ""


def test_a_limit_is_said_as_it_was_set() -> None:
    slow = {"green": Traffic(requests=50, latency_ms=3_000_000)}
    half = {"green": Traffic(requests=50, errors_5xx=1)}

    assert "at most 1250000 ms" in problem({"environment": {"max_latency_ms": 1_250_000}}, traffic=slow)
    assert "at most 0.5 % is" in problem({"environment": {"max_5xx_percent": 0.5}}, traffic=half)


@pytest.mark.parametrize(
    ("traffic", "words"),
    [
        (None, "new 1.1.0 answered no requests, too few to judge (from 20)"),
        ({"green": Traffic(requests=1)}, "new 1.1.0 answered 1 request, too few to judge (from 20)"),
        ({"green": Traffic(requests=19, latency_ms=5)}, "new 1.1.0 answered 19 requests, too few to judge (from 20)"),
        ({"green": Traffic(requests=40, errors_5xx=1)}, "new 1.1.0 answered 40 requests, 2.5 % of them 5xx"),
        (
            {"green": Traffic(requests=200, unanswered=1)},
            "new 1.1.0 answered 200 requests, 0.5 % of them failed, 1 without any answer",
        ),
        (
            {"blue": Traffic(requests=9), "green": Traffic(requests=40, latency_ms=12.4)},
            "new 1.1.0 answered 40 requests, 0.0 % of them 5xx, 12 ms on average",
        ),
    ],
)
def test_the_watch_says_what_it_sees(traffic: Mapping[str, Traffic] | None, words: str) -> None:
    assert verdict.summary(watched(), measured(traffic=traffic)) == words


def test_of_a_release_without_target_groups_there_is_nothing_to_say() -> None:
    assert verdict.summary(watched(target_groups={}), measured(alarms=OK)) == ""
