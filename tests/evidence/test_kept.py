from deployments.aws.values import Alarm, Traffic
from deployments.evidence import Reading, kept
from tests.evidence.cases import measured, watched
from tests.swaps.cases import HEALTHY, targets

OK = {"shop-5xx": Alarm(name="shop-5xx", state="OK")}


def test_a_gate_keeps_health_alarms_and_traffic_of_every_side() -> None:
    seen = measured(
        alarms=OK,
        health={"blue": HEALTHY, "green": targets("healthy", "initial")},
        traffic={"blue": Traffic(requests=9), "green": Traffic(requests=40, errors_5xx=1, latency_ms=12.5)},
    )

    assert kept.at_gate(watched(environment={"alarms": ("shop-5xx", "gone")}), seen) == {
        "health": {"blue": "2 of 2 healthy", "green": "1 of 2 healthy"},
        "alarms": {"shop-5xx": "OK", "gone": "missing"},
        "traffic": {
            "blue": {"requests": 9, "errors_5xx": 0, "latency_ms": None},
            "green": {"requests": 40, "errors_5xx": 1, "latency_ms": 12.5},
        },
    }


def test_a_gate_says_nothing_of_what_was_not_looked_at() -> None:
    assert kept.at_gate(watched(wanted=2), measured()) == {"health": {}, "alarms": {}, "traffic": {}}


def test_a_reading_is_kept_of_each_side_that_was_looked_at() -> None:
    seen = measured(health={"green": targets("healthy", "unhealthy")}, traffic={"blue": Traffic(requests=9)})

    assert kept.readings(watched(), seen) == {
        "green": Reading(healthy=1, targets=2),
        "blue": Reading(requests=9, errors_5xx=0),
    }
    assert kept.readings(watched(), measured(alarms=OK)) == {}


def test_what_went_without_an_answer_is_a_5xx_for_clients_and_kept_by_itself_too() -> None:
    seen = measured(traffic={"green": Traffic(requests=40, errors_5xx=1, unanswered=7)})

    shown = kept.at_gate(watched(), seen)

    assert shown["traffic"]["green"]["errors_5xx"] == 8
    assert shown["figures"] == [{"side": "green", "title": "Requests without an answer", "value": 7, "unit": ""}]
    assert kept.readings(watched(), seen)["green"].errors_5xx == 8
