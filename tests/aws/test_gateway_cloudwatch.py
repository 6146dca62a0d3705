from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.stub import ANY

from deployments.aws import errors
from deployments.aws.gateway import BotoGateway
from deployments.aws.values import Metric
from tests.aws.aws_stubs import Stubs, arn

BLUE = arn("elasticloadbalancing", "targetgroup/shop-blue/b")
GREEN = arn("elasticloadbalancing", "targetgroup/shop-green/g")
BALANCER = arn("elasticloadbalancing", "loadbalancer/app/shop/50dc")
SINCE = datetime(2026, 3, 2, 9, 0, 40, tzinfo=UTC)
UNTIL = datetime(2026, 3, 2, 9, 3, 10, tzinfo=UTC)


def test_alarms_of_both_kinds_are_read_and_missing_ones_absent(gateway: BotoGateway, aws: Stubs) -> None:
    berlin = datetime(2026, 3, 2, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    answer = {
        "MetricAlarms": [{"AlarmName": "5xx", "StateValue": "ALARM", "StateTransitionedTimestamp": berlin}],
        "CompositeAlarms": [{"AlarmName": "all", "StateValue": "OK", "StateReason": "fine"}],
    }
    asked = {"AlarmNames": ["5xx", "all", "gone"], "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
    aws.add("cloudwatch", "describe_alarms", answer, asked)

    alarms = gateway.alarms(["5xx", "all", "gone"])

    assert {name: alarm.state for name, alarm in alarms.items()} == {"5xx": "ALARM", "all": "OK"}
    assert str(alarms["5xx"].changed_at) == "2026-03-02 09:00:00+00:00"


def test_an_alarm_tells_what_it_measures_metric_math_included(gateway: BotoGateway, aws: Stubs) -> None:
    errors_of = {
        "MetricName": "HTTPCode_Target_5XX_Count",
        "Dimensions": [{"Name": "LoadBalancer", "Value": "app/shop/1"}],
    }
    requests = {"Namespace": "AWS/ApplicationELB", "MetricName": "RequestCount", "Dimensions": []}
    math = [
        {"Id": "share", "Expression": "100 * e / r"},
        {"Id": "e", "MetricStat": {"Metric": errors_of, "Period": 60, "Stat": "Sum"}},
        {"Id": "r", "MetricStat": {"Metric": requests, "Period": 60, "Stat": "Sum"}},
    ]
    answer = {
        "MetricAlarms": [
            {"AlarmName": "count", "StateValue": "OK", **errors_of},
            {"AlarmName": "share", "StateValue": "OK", "Metrics": math},
        ],
        "CompositeAlarms": [{"AlarmName": "all", "StateValue": "OK"}],
    }
    aws.add("cloudwatch", "describe_alarms", answer)

    alarms = gateway.alarms(["count", "share", "all"])

    of_all_targets = Metric(name="HTTPCode_Target_5XX_Count", dimensions={"LoadBalancer": "app/shop/1"})
    assert alarms["count"].metrics == (of_all_targets,)
    assert alarms["share"].metrics == (of_all_targets, Metric(name="RequestCount"))
    assert alarms["all"].metrics == ()


def test_alarms_are_asked_for_a_hundred_at_a_time(gateway: BotoGateway, aws: Stubs) -> None:
    names = [f"alarm-{number}" for number in range(101)]
    for some in (names[:100], names[100:]):
        asked = {"AlarmNames": some, "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
        aws.add("cloudwatch", "describe_alarms", {}, asked)

    assert gateway.alarms(names) == {}


def traffic(gateway: BotoGateway) -> Any:
    return gateway.traffic(load_balancer=BALANCER, target_groups=[BLUE, GREEN], since=SINCE, until=UNTIL)


def test_traffic_sums_all_minutes_of_all_pages(gateway: BotoGateway, aws: Stubs) -> None:
    first = [result("r0", 100, 50), result("e0", 3), result("t0", 10.0, 20.0), result("n0", 100, 50), result("r1")]
    aws.add("cloudwatch", "get_metric_data", {"MetricDataResults": first, "NextToken": "more"})
    later = {**result("r0", 50), "Timestamps": [SINCE.replace(minute=2, second=0)]}
    aws.add("cloudwatch", "get_metric_data", {"MetricDataResults": [later]})

    found = traffic(gateway)

    assert (found[BLUE].requests, found[BLUE].errors_5xx, found[BLUE].percent_5xx) == (200, 3, 1.5)
    assert found[BLUE].latency_ms == pytest.approx(200)
    assert {at.minute: count for at, count in found[BLUE].minutes.items()} == {0: 100, 1: 50, 2: 50}
    assert (found[GREEN].requests, found[GREEN].latency_ms) == (0, None)


def test_traffic_is_one_question_for_all_target_groups(gateway: BotoGateway, aws: Stubs) -> None:
    of_balancer = query("b", 0, "HTTPCode_ELB_5XX_Count", "Sum", "targetgroup/shop-blue/b")
    of_balancer["Id"] = "b"
    of_balancer["MetricStat"]["Metric"]["Dimensions"] = [{"Name": "LoadBalancer", "Value": "app/shop/50dc"}]
    asked = {
        "MetricDataQueries": [
            query(letter, number, metric, statistic, group)
            for number, group in enumerate(("targetgroup/shop-blue/b", "targetgroup/shop-green/g"))
            for letter, metric, statistic in (
                ("r", "RequestCount", "Sum"),
                ("e", "HTTPCode_Target_5XX_Count", "Sum"),
                ("t", "TargetResponseTime", "Sum"),
                ("n", "TargetResponseTime", "SampleCount"),
                ("c", "TargetConnectionErrorCount", "Sum"),
            )
        ]
        + [of_balancer],
        "StartTime": ANY,  # CloudWatch rounds it down to the minute, whether or not we do
        "EndTime": UNTIL,
    }
    aws.add("cloudwatch", "get_metric_data", {"MetricDataResults": []}, asked)

    traffic(gateway)


@pytest.mark.parametrize(
    ("answered", "own_5xx", "connection_errors", "unanswered"),
    [
        (100, 0, 0, 0),
        (60, 40, 0, 40),  # nobody else has any
        (60, 500, 0, 40),  # another application's fail too
        (60, 3, 0, 3),  # the rest are clients that gave up, and answers to come
        (100, 9, 5, 5),  # requests without a connection may not count as requests
        (100, 500, 0, 0),  # there was no target to choose, or they are another application's
    ],
)
def test_what_the_balancer_answered_in_a_target_s_place_is_the_target_group_s_as_far_as_it_left_requests(
    gateway: BotoGateway, aws: Stubs, answered: int, own_5xx: int, connection_errors: int, unanswered: int
) -> None:
    shown = {"r0": 100, "n0": answered, "c0": connection_errors, "b": own_5xx}
    results = [result(name, value) for name, value in shown.items()]
    aws.add("cloudwatch", "get_metric_data", {"MetricDataResults": results})

    found = traffic(gateway)[BLUE]

    assert (found.unanswered, found.connection_errors, found.percent_5xx) == (
        unanswered,
        connection_errors,
        float(unanswered),
    )


@pytest.mark.parametrize(("status", "error"), [("Forbidden", errors.Denied), ("InternalError", errors.Unavailable)])
def test_half_an_answer_is_no_answer(
    gateway: BotoGateway, aws: Stubs, status: str, error: type[errors.AwsError]
) -> None:
    aws.add("cloudwatch", "get_metric_data", {"MetricDataResults": [{**result("r0"), "StatusCode": status}]})

    with pytest.raises(error):
        traffic(gateway)


def test_the_last_lines_of_a_container_are_read(gateway: BotoGateway, aws: Stubs) -> None:
    describe(aws, {"awslogs-group": "/ecs/shop", "awslogs-stream-prefix": "web", "awslogs-region": "us-east-1"})
    asked = {"logGroupName": "/ecs/shop", "logStreamName": "web/app/abc", "limit": 2, "startFromHead": False}
    aws.add("logs", "get_log_events", {"events": [{"message": "one\n"}, {"message": "two"}]}, asked)

    assert gateway.log_tail("shop:7", "abc", "app", lines=2) == ("one", "two")
    assert aws.asked[-1] == ("logs", False, "us-east-1")


@pytest.mark.parametrize("options", [{}, {"awslogs-group": "/ecs/shop"}, None])
def test_a_container_without_a_known_log_stream_has_no_lines(
    gateway: BotoGateway, aws: Stubs, options: dict[str, str] | None
) -> None:
    describe(aws, options)

    assert gateway.log_tail("shop:7", "abc", "app") == ()


def test_a_container_that_never_wrote_has_no_lines(gateway: BotoGateway, aws: Stubs) -> None:
    describe(aws, {"awslogs-group": "/ecs/shop", "awslogs-stream-prefix": "web"})
    aws.refuse("logs", "get_log_events", "ResourceNotFoundException", "The specified log stream does not exist.")

    assert gateway.log_tail("shop:7", "abc", "app") == ()


def test_a_line_with_nul_can_be_kept_in_postgresql(gateway: BotoGateway, aws: Stubs) -> None:
    describe(aws, {"awslogs-group": "/ecs/shop", "awslogs-stream-prefix": "web"})
    aws.add("logs", "get_log_events", {"events": [{"message": "core\x00dump\n"}]})

    assert gateway.log_tail("shop:7", "abc", "app") == ("core\N{REPLACEMENT CHARACTER}dump",)


def test_a_log_that_may_not_be_read_says_so_in_its_place(gateway: BotoGateway, aws: Stubs) -> None:
    describe(aws, {"awslogs-group": "/ecs/shop", "awslogs-stream-prefix": "web"})
    aws.refuse("logs", "get_log_events", "AccessDeniedException", "not authorized")

    (line,) = gateway.log_tail("shop:7", "abc", "app")

    assert "could not be read" in line and "AccessDeniedException" in line


def result(name: str, *values: float) -> dict[str, Any]:
    minutes = [SINCE.replace(second=0) + timedelta(minutes=number) for number, _ in enumerate(values)]
    return {"Id": name, "Timestamps": minutes, "Values": list(values), "StatusCode": "Complete"}


def query(letter: str, number: int, metric: str, statistic: str, group: str) -> dict[str, Any]:
    dimensions = [{"Name": "TargetGroup", "Value": group}, {"Name": "LoadBalancer", "Value": "app/shop/50dc"}]
    measured = {"Namespace": "AWS/ApplicationELB", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": f"{letter}{number}", "MetricStat": {"Metric": measured, "Period": 60, "Stat": statistic}}


def describe(aws: Stubs, options: dict[str, str] | None) -> None:
    container: dict[str, Any] = {"name": "app"}
    if options is not None:
        container["logConfiguration"] = {"logDriver": "awslogs", "options": options}
    definition = {
        "taskDefinitionArn": arn("ecs", "task-definition/shop:7"),
        "family": "shop",
        "revision": 7,
        "status": "ACTIVE",
        "containerDefinitions": [container],
    }
    aws.add("ecs", "describe_task_definition", {"taskDefinition": definition})


def test_alarms_that_scale_a_service_say_nothing_about_its_releases(gateway: BotoGateway, aws: Stubs) -> None:
    about = [{"Name": "ServiceName", "Value": "shop-blue"}]
    policy = (
        "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:0:resource/ecs/service/shop/shop-blue:policyName/cpu"
    )
    alarms = [
        {"AlarmName": "shop-cpu", "Dimensions": about, "AlarmActions": ["arn:aws:sns:us-east-1:123456789012:people"]},
        {"AlarmName": "TargetTracking-AlarmLow", "Dimensions": about, "AlarmActions": [policy]},
        {"AlarmName": "elsewhere", "Dimensions": [{"Name": "ServiceName", "Value": "other"}]},
    ]
    aws.add("cloudwatch", "describe_alarms", {"MetricAlarms": alarms}, {"AlarmTypes": ["MetricAlarm"]})

    assert gateway.alarms_about({"shop-blue"}) == ("shop-cpu",)
