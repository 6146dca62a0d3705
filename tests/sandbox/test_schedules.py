"""What starts ECS tasks by itself: kept as AWS keeps it, and started as AWS starts it when its time has come."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.account import REGION, arn
from sandbox.server import Sandbox

RULE = "nightly"


@pytest.fixture
def target(client: Callable[..., Any], sandbox: Sandbox) -> dict[str, Any]:
    """Of the storefront's own task definition, by a role that may start it."""
    world = sandbox.control.world
    network = {"Subnets": world["network"]["subnets"], "SecurityGroups": [world["network"]["security_group"]]}
    command = {"name": "web", "command": ["python", "manage.py", "report"]}
    return {
        "Arn": arn("ecs", f"cluster/{world['cluster']}", REGION),
        "RoleArn": role(client, "*"),
        "Input": json.dumps({"containerOverrides": [command]}),
        "EcsParameters": {
            "TaskDefinitionArn": world["task_definition"],
            "TaskCount": 2,
            "LaunchType": "FARGATE",
            "NetworkConfiguration": {"awsvpcConfiguration": network},
        },
    }


def role(client: Callable[..., Any], task_definition: str) -> str:
    services = ["events.amazonaws.com", "scheduler.amazonaws.com"]
    trust = {"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}
    run = {"Effect": "Allow", "Action": "ecs:RunTask", "Resource": task_definition}
    iam, name = client("iam"), f"starter-{datetime.now(UTC):%H%M%S%f}"
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))
    iam.put_role_policy(RoleName=name, PolicyName="start", PolicyDocument=_document(run))
    return str(made["Role"]["Arn"])


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def put_rule(client: Callable[..., Any], target: dict[str, Any], **rule: Any) -> None:
    client("events").put_rule(Name=RULE, ScheduleExpression="rate(1 day)", **rule)
    client("events").put_targets(Rule=RULE, Targets=[{"Id": "1", **target}])


def create_schedule(client: Callable[..., Any], target: dict[str, Any], name: str, **given: Any) -> None:
    usual = {"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    client("scheduler").create_schedule(Name=name, **usual | given)


def run(sandbox: Sandbox, **what: str) -> tuple[int, dict[str, Any]]:
    answer = sandbox.control.answer("POST", "/_sandbox/schedules/run", json.dumps(what).encode())
    return answer.status, json.loads(answer.body)


def test_a_rule_starts_its_tasks_with_their_input(
    client: Callable[..., Any], sandbox: Sandbox, target: dict[str, Any]
) -> None:
    put_rule(client, target)

    status, answer = run(sandbox, rule=RULE)

    found = client("ecs").describe_tasks(cluster=sandbox.control.world["cluster"], tasks=answer["tasks"])["tasks"]
    assert (status, len(found)) == (200, 2)
    assert {task["taskDefinitionArn"] for task in found} == {sandbox.control.world["task_definition"]}
    assert {task["startedBy"] for task in found} == {f"events-rule/{RULE}"}
    assert found[0]["overrides"]["containerOverrides"][0]["command"] == ["python", "manage.py", "report"]


def test_a_schedule_that_names_a_family_alone_starts_its_newest_revision(
    client: Callable[..., Any], sandbox: Sandbox, target: dict[str, Any]
) -> None:
    newest = sandbox.control.world["task_definition"]
    alone = {**target["EcsParameters"], "TaskDefinitionArn": newest.rpartition(":")[0], "TaskCount": 1}
    create_schedule(client, {**target, "EcsParameters": alone}, "hourly")

    _, answer = run(sandbox, schedule="default/hourly")

    (task,) = client("ecs").describe_tasks(cluster=sandbox.control.world["cluster"], tasks=answer["tasks"])["tasks"]
    assert task["taskDefinitionArn"] == newest


def test_what_is_disabled_starts_nothing(client: Callable[..., Any], sandbox: Sandbox, target: dict[str, Any]) -> None:
    put_rule(client, target, State="DISABLED")

    assert run(sandbox, rule=RULE) == (400, {"message": "It is disabled."})


def test_a_role_that_may_run_one_revision_only_starts_no_other(
    client: Callable[..., Any], sandbox: Sandbox, target: dict[str, Any]
) -> None:
    definition = sandbox.control.world["task_definition"]
    put_rule(client, {**target, "RoleArn": role(client, f"{definition.rpartition(':')[0]}:99")})

    status, answer = run(sandbox, rule=RULE)

    assert status == 400
    assert answer["message"].endswith(f"may not ecs:RunTask {definition}.")


def test_a_start_that_has_passed_is_refused_in_an_update_too(
    client: Callable[..., Any], target: dict[str, Any]
) -> None:
    """So whoever sends a schedule back whole has to leave it out."""
    create_schedule(client, target, "begun")
    shown = client("scheduler").get_schedule(Name="begun")
    names = ("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    whole = {name: shown[name] for name in names}

    with pytest.raises(ClientError, match="cannot be earlier than 5 minutes ago"):
        client("scheduler").update_schedule(**whole, StartDate=datetime.now(UTC) - timedelta(days=1))


def test_what_an_update_leaves_out_is_not_kept(client: Callable[..., Any], target: dict[str, Any]) -> None:
    create_schedule(client, target, "once", ActionAfterCompletion="DELETE", Description="mail")

    client("scheduler").update_schedule(
        Name="once", ScheduleExpression="rate(2 hours)", FlexibleTimeWindow={"Mode": "OFF"}, Target=target
    )

    shown = client("scheduler").get_schedule(Name="once")
    assert (shown.get("ActionAfterCompletion"), shown.get("Description")) == (None, None)
