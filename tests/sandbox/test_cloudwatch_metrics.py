import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import cloudwatch
from tests.sandbox.load_balancing import Balanced, Target, balanced, eventually, weighted

SCALE = 120  # half a second is a minute
MINUTE = 60 / SCALE


class Scene:
    """Blue answers, green fails, one request in four goes to green."""

    def __init__(self, world: Balanced) -> None:
        self.world = world
        self.blue_group, self.green_group = world.target_group("blue"), world.target_group("green")
        self.blue: Target = world.serving(self.blue_group, "blue")
        self.green: Target = world.serving(self.green_group, "green")
        self.balancer = world.load_balancer()
        self.listener = world.listener(self.balancer, weighted((self.blue_group, 75), (self.green_group, 25)))
        world.wait_for(self.blue_group, "healthy")
        world.wait_for(self.green_group, "healthy")
        self.green.status = 500
        self.blue.delay = 0.001
        self.began = datetime.now(UTC)
        self.tally = world.answers(self.listener, 200)
        self.ended = datetime.now(UTC)

    def dimensions(self, group: str | None = None) -> list[dict[str, str]]:
        balancer = {"Name": "LoadBalancer", "Value": self.balancer.partition(":loadbalancer/")[2]}
        if group is None:
            return [balancer]
        return [{"Name": "TargetGroup", "Value": group.rpartition(":")[2]}, balancer]

    def metric(self, query_id: str, name: str, group: str | None, stat: str = "Sum", period: int = 60) -> Any:
        metric = {"Namespace": "AWS/ApplicationELB", "MetricName": name, "Dimensions": self.dimensions(group)}
        return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}

    def ask(self, *queries: Any, **settings: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.world.cloudwatch.get_metric_data(
            **{"StartTime": self.began, "EndTime": self.ended, "MetricDataQueries": list(queries), **settings}
        )
        return answer

    def values(self, *queries: Any) -> dict[str, list[float]]:
        return {result["Id"]: result["Values"] for result in self.ask(*queries)["MetricDataResults"]}


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with balanced(scale=SCALE) as world:
        from sandbox.clock import Clock

        alarms = cloudwatch.install(Clock(SCALE), world.balancers)
        yield Scene(world)
        alarms.close()


def test_requests_are_counted_per_target_group_and_load_balancer(scene: Scene) -> None:
    counted = scene.values(
        scene.metric("blue", "RequestCount", scene.blue_group),
        scene.metric("green", "RequestCount", scene.green_group),
        scene.metric("all", "RequestCount", None),
    )

    assert sum(counted["blue"]) == scene.tally["blue"]
    assert sum(counted["green"]) == scene.tally["500"]
    assert sum(counted["all"]) == 200


def test_status_codes_are_only_reported_when_there_were_some(scene: Scene) -> None:
    counted = scene.values(
        scene.metric("ok", "HTTPCode_Target_2XX_Count", scene.blue_group),
        scene.metric("bad", "HTTPCode_Target_5XX_Count", scene.green_group),
        scene.metric("none", "HTTPCode_Target_5XX_Count", scene.blue_group),
    )

    assert sum(counted["ok"]) == scene.tally["blue"]
    assert sum(counted["bad"]) == scene.tally["500"]
    assert counted["none"] == []


def test_percentiles_of_the_response_time(scene: Scene) -> None:
    stats = ("Minimum", "Average", "p50", "p90", "p95", "p99", "Maximum")
    queries = [
        scene.metric(stat.lower(), "TargetResponseTime", scene.blue_group, stat, period=86_400) for stat in stats
    ]

    found = scene.values(*queries)

    p = {key: values[0] for key, values in found.items()}
    assert 0.001 <= p["minimum"] <= p["p50"] <= p["p90"] <= p["p95"] <= p["p99"] <= p["maximum"] < 1
    assert p["minimum"] <= p["average"] <= p["maximum"]


def test_the_share_of_errors_by_metric_math(scene: Scene) -> None:
    found = scene.values(
        {**scene.metric("e5", "HTTPCode_Target_5XX_Count", scene.green_group), "ReturnData": False},
        {**scene.metric("r", "RequestCount", scene.green_group), "ReturnData": False},
        {"Id": "share", "Expression": "FILL(e5, 0) / r * 100"},
    )

    assert set(found) == {"share"}
    assert set(found["share"]) == {100.0}


def test_host_counts_are_known_without_requests(scene: Scene) -> None:
    scene.world.wait_for(scene.blue_group, "healthy")
    query = scene.metric("healthy", "HealthyHostCount", scene.blue_group, "Minimum")

    def reported() -> bool:
        results = scene.ask(query, EndTime=datetime.now(UTC))["MetricDataResults"]
        return bool(results[0]["Values"]) and results[0]["Values"][0] == 1.0

    eventually(reported)


def test_each_scaled_minute_is_one_datapoint_and_the_end_is_left_out(scene: Scene) -> None:
    result = scene.ask(scene.metric("r", "RequestCount", None), ScanBy="TimestampAscending")["MetricDataResults"][0]

    first = result["Timestamps"][0]
    assert result["Timestamps"] == sorted(result["Timestamps"])
    assert first.timestamp() % MINUTE == 0
    assert first <= scene.began
    before = scene.ask(scene.metric("r", "RequestCount", None), StartTime=first - timedelta(hours=1), EndTime=first)
    assert before["MetricDataResults"][0]["Values"] == []


def test_larger_periods_add_up(scene: Scene) -> None:
    found = scene.values(scene.metric("r", "RequestCount", None, period=86_400))

    assert found["r"] == [200.0]


def test_the_load_balancers_own_errors_are_its_own(scene: Scene) -> None:
    empty = scene.world.target_group("empty")
    listener = scene.world.listener(scene.balancer, weighted((empty, 1)), port=81)
    began = datetime.now(UTC)
    assert scene.world.get(listener)[0] == 503

    answer = scene.ask(
        scene.metric("elb", "HTTPCode_ELB_5XX_Count", None),
        scene.metric("requests", "RequestCount", empty),
        StartTime=began,
        EndTime=datetime.now(UTC) + timedelta(seconds=1),
    )

    assert [result["Values"] for result in answer["MetricDataResults"]] == [[1.0], []]


def test_statistics_one_by_one(scene: Scene) -> None:
    arguments = {
        "Namespace": "AWS/ApplicationELB",
        "MetricName": "TargetResponseTime",
        "Dimensions": scene.dimensions(scene.blue_group),
        "StartTime": scene.began,
        "EndTime": scene.ended,
        "Period": 86_400,
    }

    simple = scene.world.cloudwatch.get_metric_statistics(**arguments, Statistics=["SampleCount", "Maximum"])
    extended = scene.world.cloudwatch.get_metric_statistics(**arguments, ExtendedStatistics=["p99"])

    assert simple["Datapoints"][0]["SampleCount"] == scene.tally["blue"]
    assert extended["Datapoints"][0]["ExtendedStatistics"]["p99"] <= simple["Datapoints"][0]["Maximum"]


def test_datapoints_come_in_pages_when_asked(scene: Scene) -> None:
    time.sleep(MINUTE)
    query = {"Id": "one", "Expression": "TIME_SERIES(1)", "Period": 60}
    ended = datetime.now(UTC)
    window = {"StartTime": ended - timedelta(seconds=5 * MINUTE), "EndTime": ended, "MaxDatapoints": 2}

    first = scene.ask(query, **window)
    second = scene.ask(query, **window, NextToken=first["NextToken"])

    assert len(first["MetricDataResults"][0]["Values"]) == 2
    assert first["MetricDataResults"][0]["Timestamps"][-1] > second["MetricDataResults"][0]["Timestamps"][0]


def test_metrics_that_people_put_themselves_are_found_too(scene: Scene) -> None:
    began = datetime.now(UTC)
    datum = {"MetricName": "Orders", "Values": [1.0, 2.0], "Timestamp": began}
    scene.world.cloudwatch.put_metric_data(Namespace="Shop", MetricData=[datum])
    metric = {"Namespace": "Shop", "MetricName": "Orders"}
    query = {"Id": "orders", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "p100"}}

    answer = scene.ask(query, StartTime=began, EndTime=datetime.now(UTC) + timedelta(seconds=1))

    assert answer["MetricDataResults"][0]["Values"] == [2.0]


@pytest.mark.parametrize("expression", ["1 +", "nothing * 2", "a + 1"])
def test_a_broken_expression_is_a_validation_error(scene: Scene, expression: str) -> None:
    with pytest.raises(ClientError, match="ValidationError"):
        scene.ask({"Id": "a", "Expression": expression})


def test_the_metrics_can_be_listed(scene: Scene) -> None:
    listed = scene.world.cloudwatch.list_metrics(Namespace="AWS/ApplicationELB", MetricName="RequestCount")

    assert scene.dimensions() in [metric["Dimensions"] for metric in listed["Metrics"]]
