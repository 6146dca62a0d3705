"""What starts tasks by itself, read and pointed elsewhere: all else of it goes back as it came."""

from datetime import UTC, datetime
from typing import Any

import pytest

from deployments.aws import errors
from deployments.aws.actions import Made, PutTargets, UpdateSchedule
from deployments.aws.gateway import BotoGateway
from deployments.aws.values import Starter
from tests.aws.aws_stubs import Stubs, arn

CLUSTER, ROLE, QUEUE = arn("ecs", "cluster/shop"), "arn:aws:iam::123456789012:role/starter", arn("sqs", "dead")
OLD, NEW = (arn("ecs", f"task-definition/cron:{revision}") for revision in (5, 6))
NETWORK = {"awsvpcConfiguration": {"Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "DISABLED"}}
PARAMETERS: dict[str, Any] = {
    "TaskDefinitionArn": OLD,
    "TaskCount": 2,
    "LaunchType": "FARGATE",
    "NetworkConfiguration": NETWORK,
    "PlatformVersion": "1.4.0",
    "PropagateTags": "TASK_DEFINITION",
    "EnableECSManagedTags": True,
    "EnableExecuteCommand": True,
}
TARGET: dict[str, Any] = {
    "Id": "cron",
    "Arn": CLUSTER,
    "RoleArn": ROLE,
    "Input": '{"containerOverrides": [{"name": "web", "environment": [{"name": "TOKEN", "value": "hush"}]}]}',
    "EcsParameters": PARAMETERS,
    "RetryPolicy": {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 300},
    "DeadLetterConfig": {"Arn": QUEUE},
}
SCHEDULE: dict[str, Any] = {
    "Arn": arn("scheduler", "schedule/night/hourly"),
    "GroupName": "night",
    "Name": "hourly",
    "ScheduleExpression": "rate(1 hour)",
    "ScheduleExpressionTimezone": "Europe/Vienna",
    "StartDate": datetime(2026, 1, 1, tzinfo=UTC),
    "EndDate": datetime(2036, 1, 1, tzinfo=UTC),
    "Description": "books",
    "State": "DISABLED",
    "KmsKeyArn": arn("kms", "key/1"),
    "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5},
    "ActionAfterCompletion": "NONE",
    "CreationDate": datetime(2025, 1, 1, tzinfo=UTC),
    "LastModificationDate": datetime(2025, 1, 1, tzinfo=UTC),
    "Target": {name: value for name, value in TARGET.items() if name != "Id"},
}
NAMED = {"GroupName": "night", "Name": "hourly"}
NIGHTLY = Starter(kind="rule", name="nightly", target="cron", task_definition=OLD)
HOURLY = Starter(kind="schedule", name="night/hourly", task_definition=OLD)
POINT = PutTargets(rule="nightly", target="cron", task_definition=NEW, expected=OLD)
MOVE = UpdateSchedule(schedule="night/hourly", task_definition=NEW, expected=OLD)


def pointed(target: dict[str, Any], task_definition: str = NEW) -> dict[str, Any]:
    return {**target, "EcsParameters": {**PARAMETERS, "TaskDefinitionArn": task_definition}}


def schedule(**changes: Any) -> dict[str, Any]:
    """As GetSchedule answers; AWS's own time is in the header."""
    dated = {"HTTPHeaders": {"date": "Mon, 02 Mar 2026 12:00:00 GMT"}}
    return {**SCHEDULE, **changes, "ResponseMetadata": dated}


def summaries(*names: str, arn: str = CLUSTER) -> dict[str, Any]:
    return {"Schedules": [{"GroupName": "night", "Name": name, "Target": {"Arn": arn}} for name in names]}


def rule_of_the_cluster(aws: Stubs, *targets: dict[str, Any], **shown: Any) -> None:
    aws.add("events", "list_rule_names_by_target", {"RuleNames": ["nightly"]}, {"TargetArn": CLUSTER})
    aws.add("events", "list_targets_by_rule", {"Targets": [*targets]}, {"Rule": "nightly"})
    if shown:
        aws.add("events", "describe_rule", {"Name": "nightly", **shown}, {"Name": "nightly"})


def test_rules_and_schedules_of_the_cluster_are_found(gateway: BotoGateway, aws: Stubs) -> None:
    rule_of_the_cluster(aws, TARGET, ScheduleExpression="cron(0 3 * * ? *)", State="ENABLED")
    aws.add("scheduler", "list_schedules", summaries("hourly"), {})
    aws.add("scheduler", "get_schedule", schedule(), NAMED)

    nightly, hourly = gateway.starters(CLUSTER, ["cron"])

    assert (nightly.name, nightly.target, nightly.task_definition, nightly.role) == ("nightly", "cron", OLD, ROLE)
    assert (nightly.when, nightly.is_enabled) == ("cron(0 3 * * ? *)", True)
    assert (hourly.name, hourly.task_definition, hourly.when, hourly.is_enabled) == (
        "night/hourly", OLD, "rate(1 hour)", False,
    )  # fmt: skip


def test_other_families_and_other_clusters_are_passed_over(gateway: BotoGateway, aws: Stubs) -> None:
    elsewhere = {**TARGET, "Id": "2", "Arn": arn("ecs", "cluster/payroll")}
    rule_of_the_cluster(aws, pointed(TARGET, arn("ecs", "task-definition/cronicle:1")), elsewhere)
    aws.add("scheduler", "list_schedules", summaries("hourly", arn=arn("lambda", "function:f")), {})

    assert gateway.starters(CLUSTER, ["cron"]) == ()


@pytest.mark.parametrize(
    "over",
    [
        {"ScheduleExpression": "at(2026-03-02T12:59:00)"},
        {"ScheduleExpression": "at(2026-03-01T23:59:00)", "ScheduleExpressionTimezone": "Mars/Base"},
        {"EndDate": datetime(2026, 3, 1, tzinfo=UTC)},
    ],
)
def test_a_schedule_that_starts_nothing_any_more_is_passed_over(
    gateway: BotoGateway, aws: Stubs, over: dict[str, Any]
) -> None:
    """Noon in UTC is one o'clock in Vienna."""
    aws.add("events", "list_rule_names_by_target", {"RuleNames": []}, {"TargetArn": CLUSTER})
    aws.add("scheduler", "list_schedules", summaries("hourly"), {})
    aws.add("scheduler", "get_schedule", schedule(**over), NAMED)

    assert gateway.starters(CLUSTER, []) == ()


@pytest.mark.parametrize(
    "coming",
    [
        {"ScheduleExpression": "at(2026-03-02T13:01:00)"},
        {"ScheduleExpression": "at(2026-03-02T01:00:00)", "ScheduleExpressionTimezone": "Mars/Base"},
    ],
)
def test_a_schedule_that_is_still_to_run_once_is_found(
    gateway: BotoGateway, aws: Stubs, coming: dict[str, Any]
) -> None:
    aws.add("events", "list_rule_names_by_target", {"RuleNames": []}, {"TargetArn": CLUSTER})
    aws.add("scheduler", "list_schedules", summaries("hourly"), {})
    aws.add("scheduler", "get_schedule", schedule(**coming), NAMED)

    assert [each.name for each in gateway.starters(CLUSTER, [])] == ["night/hourly"]


def test_a_target_is_sent_whole_with_another_task_definition(gateway: BotoGateway, aws: Stubs) -> None:
    other = {**TARGET, "Id": "other", "Arn": arn("lambda", "function:f")}
    aws.add("events", "list_targets_by_rule", {"Targets": [other, TARGET]}, {"Rule": "nightly"})
    answer = {"FailedEntryCount": 0, "FailedEntries": []}
    aws.add("events", "put_targets", answer, {"Rule": "nightly", "Targets": [pointed(TARGET)]})

    assert gateway.perform(POINT) == Made()
    assert aws.asked[-1] == ("events", True, "")  # sent once


def test_a_schedule_is_sent_whole_without_a_start_that_has_passed(gateway: BotoGateway, aws: Stubs) -> None:
    kept = ("Arn", "CreationDate", "LastModificationDate", "StartDate", "Target")
    sent = {name: value for name, value in SCHEDULE.items() if name not in kept}
    aws.add("scheduler", "get_schedule", schedule(), NAMED)
    expected = {**sent, "Target": pointed(SCHEDULE["Target"])}
    aws.add("scheduler", "update_schedule", {"ScheduleArn": SCHEDULE["Arn"]}, expected)

    assert gateway.perform(MOVE) == Made()


def test_a_start_that_is_to_come_stays(gateway: BotoGateway, aws: Stubs) -> None:
    start = datetime(2026, 4, 1, tzinfo=UTC)
    kept = ("Arn", "CreationDate", "LastModificationDate", "Target")
    sent = {**{name: value for name, value in SCHEDULE.items() if name not in kept}, "StartDate": start}
    aws.add("scheduler", "get_schedule", schedule(StartDate=start), NAMED)
    expected = {**sent, "Target": pointed(SCHEDULE["Target"])}
    aws.add("scheduler", "update_schedule", {"ScheduleArn": SCHEDULE["Arn"]}, expected)

    assert gateway.perform(MOVE) == Made()


def test_what_is_so_already_is_not_written(gateway: BotoGateway, aws: Stubs) -> None:
    aws.add("events", "list_targets_by_rule", {"Targets": [pointed(TARGET)]}, {"Rule": "nightly"})

    assert gateway.perform(POINT) == Made()


def test_what_somebody_else_has_changed_is_not_overwritten(gateway: BotoGateway, aws: Stubs) -> None:
    foreign = arn("ecs", "task-definition/cron:9")
    aws.add("scheduler", "get_schedule", schedule(Target=pointed(SCHEDULE["Target"], foreign)), NAMED)

    with pytest.raises(errors.Changed, match="cron:9"):
        gateway.perform(MOVE)


def test_a_target_that_eventbridge_does_not_take_is_an_error(gateway: BotoGateway, aws: Stubs) -> None:
    aws.add("events", "list_targets_by_rule", {"Targets": [TARGET]}, {"Rule": "nightly"})
    failed = {"TargetId": "cron", "ErrorCode": "ConcurrentModificationException", "ErrorMessage": "again"}
    aws.add("events", "put_targets", {"FailedEntryCount": 1, "FailedEntries": [failed]})

    with pytest.raises(errors.Unavailable, match="again"):
        gateway.perform(POINT)


@pytest.mark.parametrize(("known", "service", "method"), [
    (NIGHTLY, "events", "list_targets_by_rule"), (HOURLY, "scheduler", "get_schedule"),
])  # fmt: skip
def test_one_that_is_gone_is_none(gateway: BotoGateway, aws: Stubs, known: Starter, service: str, method: str) -> None:
    aws.refuse(service, method, "ResourceNotFoundException")

    assert gateway.starter(known) is None


def test_one_is_read_again_as_it_is_now(gateway: BotoGateway, aws: Stubs) -> None:
    aws.add("events", "list_targets_by_rule", {"Targets": [pointed(TARGET)]}, {"Rule": "nightly"})
    aws.add("scheduler", "get_schedule", schedule(), NAMED)

    nightly, hourly = gateway.starter(NIGHTLY), gateway.starter(HOURLY)

    assert nightly and nightly.task_definition == NEW
    assert hourly and hourly.task_definition == OLD
