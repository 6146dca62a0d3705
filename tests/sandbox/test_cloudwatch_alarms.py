from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import cloudwatch
from sandbox.clock import Clock
from tests.sandbox.load_balancing import Balanced, Target, balanced, eventually, weighted

SCALE = 240  # a quarter of a second is a minute


class Scene:
    def __init__(self, world: Balanced) -> None:
        self.world = world
        self.cloudwatch = world.cloudwatch
        self.group = world.target_group("web")
        self.target: Target = world.serving(self.group, "web")
        self.balancer = world.load_balancer()
        self.listener = world.listener(self.balancer, weighted((self.group, 1)))
        world.wait_for(self.group, "healthy")
        self.metric: dict[str, Any] = {
            "Namespace": "AWS/ApplicationELB",
            "MetricName": "HTTPCode_Target_5XX_Count",
            "Dimensions": [
                {"Name": "TargetGroup", "Value": self.group.rpartition(":")[2]},
                {"Name": "LoadBalancer", "Value": self.balancer.partition(":loadbalancer/")[2]},
            ],
        }

    def alarm(self, name: str, **settings: Any) -> None:
        self.cloudwatch.put_metric_alarm(
            **{
                "AlarmName": name,
                "EvaluationPeriods": 1,
                "Threshold": 1.0,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                "TreatMissingData": "notBreaching",
                **settings,
            }
        )

    def described(self, name: str) -> dict[str, Any]:
        found = self.cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        one: dict[str, Any] = (found["MetricAlarms"] + found["CompositeAlarms"])[0]
        return one

    def becomes(self, name: str, state: str, *, failing: bool | None = None) -> None:
        """Wait for a state; with requests all the while, failing or not, if that is said."""

        def reached() -> bool:
            if failing is not None:
                self.target.status = 500 if failing else 200
                self.world.answers(self.listener, 3)
            return bool(self.described(name)["StateValue"] == state)

        eventually(reached, lambda: self.described(name))


@pytest.fixture
def scene() -> Iterator[Scene]:
    with balanced(scale=SCALE) as world:
        alarms = cloudwatch.install(Clock(SCALE), world.balancers)
        yield Scene(world)
        alarms.close()


def test_an_alarm_goes_off_with_errors_and_back_when_they_end(scene: Scene) -> None:
    scene.alarm("errors", **scene.metric, Statistic="Sum", Period=60)

    scene.becomes("errors", "ALARM", failing=True)
    in_alarm = scene.described("errors")
    scene.becomes("errors", "OK", failing=False)
    ok = scene.described("errors")

    assert in_alarm["StateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [")
    assert "was greater than or equal to the threshold (1.0)" in in_alarm["StateReason"]
    assert ok["StateTransitionedTimestamp"] > in_alarm["StateTransitionedTimestamp"]


def test_a_new_alarm_knows_nothing_until_its_first_full_minute() -> None:
    with balanced(scale=1) as world:
        alarms = cloudwatch.install(Clock(1), world.balancers)
        scene = Scene(world)
        scene.alarm("errors", **scene.metric, Statistic="Sum", Period=60)

        assert scene.described("errors")["StateValue"] == "INSUFFICIENT_DATA"
        assert scene.described("errors")["StateReason"] == "Unchecked: Initial alarm creation"
        alarms.close()


def test_an_alarm_on_a_share_by_metric_math(scene: Scene) -> None:
    requests = {**scene.metric, "MetricName": "RequestCount"}
    scene.alarm(
        "share",
        Threshold=50.0,
        Metrics=[
            {"Id": "e5", "MetricStat": {"Metric": scene.metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
            {"Id": "r", "MetricStat": {"Metric": requests, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
            {"Id": "share", "Expression": "FILL(e5, 0) / r * 100", "ReturnData": True},
        ],
    )

    scene.becomes("share", "ALARM", failing=True)
    scene.becomes("share", "OK", failing=False)


def test_a_state_that_was_set_lasts_until_the_next_evaluation(scene: Scene) -> None:
    scene.alarm("errors", **scene.metric, Statistic="Sum", Period=60)
    scene.becomes("errors", "OK")
    scene.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="a drill")

    scene.becomes("errors", "OK")

    history = scene.described("errors")
    assert "no datapoints were received" in history["StateReason"]


def test_missing_data_is_insufficient_unless_told_otherwise(scene: Scene) -> None:
    scene.alarm("quiet", **scene.metric, Statistic="Sum", Period=60, TreatMissingData="breaching")
    scene.becomes("quiet", "ALARM")
    scene.alarm("quiet", **scene.metric, Statistic="Sum", Period=60, TreatMissingData="missing")

    assert scene.described("quiet")["StateValue"] in ("ALARM", "INSUFFICIENT_DATA")  # kept when put again
    scene.becomes("quiet", "INSUFFICIENT_DATA")


def test_an_alarm_on_percentiles(scene: Scene) -> None:
    slow = {**scene.metric, "MetricName": "TargetResponseTime"}
    scene.alarm("slow", **slow, ExtendedStatistic="p90", Period=60, Threshold=0.02)
    scene.target.delay = 0.03

    scene.becomes("slow", "ALARM", failing=False)


def test_composite_alarms_follow_their_children(scene: Scene) -> None:
    scene.alarm("errors", **scene.metric, Statistic="Sum", Period=60)
    scene.cloudwatch.put_composite_alarm(AlarmName="any", AlarmRule='ALARM("errors") OR ALARM("missing")')
    scene.cloudwatch.put_composite_alarm(AlarmName="not-any", AlarmRule="NOT ALARM(any)")

    scene.becomes("any", "ALARM", failing=True)
    scene.becomes("not-any", "OK", failing=True)
    scene.becomes("any", "OK", failing=False)
    scene.becomes("not-any", "ALARM")


def test_alarms_are_described_by_type_and_missing_names_are_silent(scene: Scene) -> None:
    scene.alarm("errors", **scene.metric, Statistic="Sum", Period=60)
    scene.cloudwatch.put_composite_alarm(AlarmName="any", AlarmRule="ALARM(errors)")

    plain = scene.cloudwatch.describe_alarms(AlarmNames=["errors", "any", "missing"])
    composite = scene.cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])

    assert [alarm["AlarmName"] for alarm in plain["MetricAlarms"]] == ["errors"]
    assert plain["CompositeAlarms"] == composite["MetricAlarms"] == []
    assert composite["CompositeAlarms"][0]["AlarmRule"] == "ALARM(errors)"
