"""Who uses a task definition: asked of every cluster, rule and schedule before one is deregistered."""

from typing import Any

import pytest

from deployments.aws import actions, errors
from deployments.aws.gateway import BotoGateway
from tests.aws.aws_stubs import Stubs, arn

CLUSTER = arn("ecs", "cluster/shop")
ELSEWHERE = arn("ecs", "cluster/elsewhere")


def revision(number: int, family: str = "shop") -> str:
    return arn("ecs", f"task-definition/{family}:{number}")


def starts(number: int) -> dict[str, Any]:
    return {"EcsParameters": {"TaskDefinitionArn": revision(number)}}


def test_a_revision_is_in_use_by_whoever_would_start_a_task_of_it(gateway: BotoGateway, aws: Stubs) -> None:
    service, task = arn("ecs", "service/shop/web"), arn("ecs", "task/shop/abc")
    aws.add("ecs", "list_clusters", {"clusterArns": [CLUSTER]}, {})
    aws.add("ecs", "list_services", {"serviceArns": [service]}, {"cluster": CLUSTER})
    shown = {
        "serviceName": "web",
        "taskDefinition": revision(9),
        "deployments": [{"taskDefinition": revision(9)}, {"taskDefinition": revision(8)}],
        "taskSets": [{"taskDefinition": revision(7)}],
    }
    aws.add("ecs", "describe_services", {"services": [shown]}, {"cluster": CLUSTER, "services": [service]})
    aws.add(
        "ecs", "list_tasks", {"taskArns": [task]}, {"cluster": CLUSTER, "family": "shop", "desiredStatus": "RUNNING"}
    )
    running = {"taskArn": task, "taskDefinitionArn": revision(6)}
    aws.add("ecs", "describe_tasks", {"tasks": [running]}, {"cluster": CLUSTER, "tasks": [task]})
    aws.add("events", "list_rule_names_by_target", {"RuleNames": ["nightly"]}, {"TargetArn": CLUSTER})
    targets = [
        {"Id": "1", "Arn": CLUSTER, "EcsParameters": {"TaskDefinitionArn": revision(5)}},
        {"Id": "2", "Arn": CLUSTER, "EcsParameters": {"TaskDefinitionArn": revision(5, "other")}},
        {"Id": "3", "Arn": arn("sqs", "queue")},
    ]
    aws.add("events", "list_targets_by_rule", {"Targets": targets}, {"Rule": "nightly"})
    aws.add("events", "describe_rule", {"Name": "nightly"}, {"Name": "nightly"})
    schedules = [
        {"Name": "hourly", "GroupName": "default", "Target": {"Arn": CLUSTER}},
        {"Name": "letters", "GroupName": "default", "Target": {"Arn": arn("lambda", "function:letters")}},
    ]
    aws.add("scheduler", "list_schedules", {"Schedules": schedules}, {})
    full = {
        "ResponseMetadata": {},
        "Name": "hourly",
        "GroupName": "default",
        "ScheduleExpression": "rate(1 hour)",
        "Target": {"Arn": CLUSTER, "RoleArn": "arn:aws:iam::1:role/events", **starts(4)},
    }
    aws.add("scheduler", "get_schedule", full, {"GroupName": "default", "Name": "hourly"})

    assert gateway.revisions_in_use(("shop",)) == {
        revision(9): "service web",
        revision(8): "service web",
        revision(7): "service web",
        revision(6): "task abc",
        revision(5): "rule nightly",
        revision(4): "schedule default/hourly",
    }


def test_what_may_not_be_read_is_never_taken_for_unused(gateway: BotoGateway, aws: Stubs) -> None:
    aws.add("ecs", "list_clusters", {"clusterArns": [CLUSTER, ELSEWHERE]}, {})
    aws.add("ecs", "list_services", {"serviceArns": []}, {"cluster": CLUSTER})
    aws.refuse("ecs", "list_tasks", "AccessDeniedException", "not authorized to perform: ecs:ListTasks")

    with pytest.raises(errors.Denied, match="ecs:ListTasks"):
        gateway.revisions_in_use(("shop",))


def test_all_pages_of_a_familys_revisions_are_read(gateway: BotoGateway, aws: Stubs) -> None:
    asked = {"familyPrefix": "shop", "status": "ACTIVE", "sort": "DESC"}
    first = {"taskDefinitionArns": [revision(3)], "nextToken": "more"}
    aws.add("ecs", "list_task_definitions", first, asked)
    aws.add("ecs", "list_task_definitions", {"taskDefinitionArns": [revision(2)]}, {**asked, "nextToken": "more"})

    assert gateway.active_revisions("shop") == (revision(3), revision(2))


def test_deregistering_is_a_write_that_is_sent_once(gateway: BotoGateway, aws: Stubs) -> None:
    answer = {"taskDefinition": {"taskDefinitionArn": revision(2), "status": "INACTIVE"}}
    aws.add("ecs", "deregister_task_definition", answer, {"taskDefinition": revision(2)})

    assert gateway.perform(actions.DeregisterTaskDefinition(task_definition=revision(2))) == actions.Made()
    assert aws.asked == [("ecs", True, "")]
