"""What is asked of AWS, and that nothing is asked twice. AWS is in memory."""

from collections.abc import Mapping
from typing import Any

import pytest

from deployments.aws import errors
from deployments.aws.values import Alarm, Traffic
from deployments.evidence import Measured, measure
from deployments.evidence.providers.cloudwatch_alarms import ALARMS
from deployments.evidence.providers.cloudwatch_traffic import TRAFFIC
from deployments.evidence.providers.target_health import TARGET_HEALTH
from tests.evidence.cases import BALANCER, watched
from tests.fakes.aws import FakeGateway
from tests.swaps.cases import BLUE, GREEN, HEALTHY, NOON, seconds


@pytest.fixture
def aws() -> FakeGateway:
    aws = FakeGateway.pair()
    aws.measured[GREEN] = Traffic(requests=7)
    return aws


def test_one_look_asks_each_thing_once(aws: FakeGateway) -> None:
    aws.alarm_states["shop-5xx"] = alarm = Alarm(name="shop-5xx", state="OK")

    seen = measure(watched(), aws, NOON)

    assert aws.calls == {"alarms": 1, "target_health": 2, "traffic": 1}
    assert seen.of(ALARMS) == {"shop-5xx": alarm}
    assert seen.of(TARGET_HEALTH) == {"blue": HEALTHY, "green": ()}
    assert seen.of(TRAFFIC) == {"blue": Traffic(), "green": Traffic(requests=7)}


@pytest.mark.parametrize(
    ("changes", "calls"),
    [
        ({"environment": {"alarms": ()}}, {"target_health": 2, "traffic": 1}),
        ({"since": None}, {"alarms": 1, "target_health": 2}),
        ({"load_balancer": ""}, {"alarms": 1, "target_health": 2}),
        ({"target_groups": {}}, {"alarms": 1}),
    ],
)
def test_what_is_not_there_is_not_asked(aws: FakeGateway, changes: dict[str, Any], calls: Mapping[str, int]) -> None:
    measure(watched(**changes), aws, NOON)

    assert aws.calls == calls


def test_some_may_be_asked_alone(aws: FakeGateway) -> None:
    seen = measure(watched(), aws, NOON, (TARGET_HEALTH,))

    assert aws.calls == {"target_health": 2}
    assert (seen.of(ALARMS), seen.of(TRAFFIC)) == (None, None)


def test_traffic_is_asked_of_the_release_s_time_until_now() -> None:
    class Listening(FakeGateway):
        asked: Mapping[str, Any]

        def traffic(self, **asked: Any) -> Mapping[str, Traffic]:
            self.asked = asked
            return {}

    aws = Listening.pair()
    seen = measure(watched(), aws, NOON)

    assert aws.asked == {
        "load_balancer": BALANCER,
        "target_groups": (BLUE, GREEN),
        "since": NOON - seconds(60),
        "until": NOON + seconds(1),
    }
    assert seen.of(TRAFFIC) == {"blue": Traffic(), "green": Traffic()}


def test_what_aws_refuses_is_not_taken_for_calm(aws: FakeGateway) -> None:
    aws.fail_next("traffic", errors.Denied)

    with pytest.raises(errors.Denied):
        measure(watched(), aws, NOON)


def test_nothing_measured_is_no_answer() -> None:
    assert Measured().of(ALARMS) is None
