"""Cron tasks of the storefront, as its owner has them: a rule and a schedule, by the owner's role."""

import json
from typing import Any

from sandbox.account import ACCOUNT
from tests.flows.clients import client
from tests.flows.legacy import until
from tests.flows.storefront import Storefront

FAMILY, RULE, SCHEDULE = "storefront-cron", "nightly-report", "hourly-mail"
INPUT = json.dumps({"containerOverrides": [{"name": "web", "command": ["python", "manage.py", "report", "--all"]}]})


def set_up(storefront: Storefront, digest: str) -> str:
    """Both start the first revision of the family, with an image by its digest; its ARN."""
    role, network = _role(), storefront.sandbox.control.world["network"]
    definition = _definition(storefront, digest)
    awsvpc = {"awsvpcConfiguration": {"Subnets": network["subnets"], "SecurityGroups": [network["security_group"]]}}
    target = {
        "Arn": _cluster(storefront),
        "RoleArn": role,
        "Input": INPUT,
        "EcsParameters": {"TaskDefinitionArn": definition, "LaunchType": "FARGATE", "NetworkConfiguration": awsvpc},
        "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 900},
        "DeadLetterConfig": {"Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:dead"},
    }
    client("events").put_rule(Name=RULE, ScheduleExpression="rate(1 day)")
    client("events").put_targets(Rule=RULE, Targets=[{"Id": "cron", **target}])
    client("scheduler").create_schedule(
        Name=SCHEDULE,
        ScheduleExpression="rate(1 hour)",
        ScheduleExpressionTimezone="Europe/Vienna",
        State="DISABLED",
        FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5},
        Description="mail",
        Target=target,
    )
    storefront.environment.scheduled_families = FAMILY
    storefront.environment.save()
    return definition


def target_of_the_rule() -> dict[str, Any]:
    (target,) = client("events").list_targets_by_rule(Rule=RULE)["Targets"]
    return dict(target)


def schedule() -> dict[str, Any]:
    """What its owner wrote of it."""
    shown = client("scheduler").get_schedule(Name=SCHEDULE)
    return {name: shown[name] for name in shown if name not in ("ResponseMetadata", "LastModificationDate")}


def digest_that_runs(storefront: Storefront) -> str:
    """Its time has come: of the task that the rule starts now."""
    told = json.dumps({"rule": RULE}).encode()
    answer = storefront.sandbox.control.answer("POST", "/_sandbox/schedules/run", told)
    (arn,) = json.loads(answer.body)["tasks"]
    until(lambda: _task(storefront, arn)["lastStatus"] == "STOPPED", "the cron task does not come to its end")
    task = _task(storefront, arn)
    assert task["containers"][0]["exitCode"] == 0
    assert task["overrides"]["containerOverrides"][0]["command"][2] == "report"
    return str(task["containers"][0]["imageDigest"])


def _task(storefront: Storefront, arn: str) -> dict[str, Any]:
    (task,) = client("ecs").describe_tasks(cluster=storefront.environment.cluster, tasks=[arn])["tasks"]
    return dict(task)


def _definition(storefront: Storefront, digest: str) -> str:
    ecs = client("ecs")
    shown = ecs.describe_task_definition(taskDefinition=storefront.sandbox.control.world["task_definition"])
    accepted = ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape.members
    body = {name: value for name, value in shown["taskDefinition"].items() if name in accepted}
    (container,) = body["containerDefinitions"]
    container |= {"image": f"{storefront.sandbox.control.world['repository_uri']}@{digest}"}
    return str(ecs.register_task_definition(**body | {"family": FAMILY})["taskDefinition"]["taskDefinitionArn"])


def _cluster(storefront: Storefront) -> str:
    found = client("ecs").describe_clusters(clusters=[storefront.environment.cluster])["clusters"]
    return str(found[0]["clusterArn"])


def _role() -> str:
    """By which EventBridge starts what is called cron, and nothing else."""
    services = ["events.amazonaws.com", "scheduler.amazonaws.com"]
    trust = {"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}
    run = {"Effect": "Allow", "Action": "ecs:RunTask", "Resource": f"arn:aws:ecs:*:*:task-definition/{FAMILY}:*"}
    handed = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}
    iam, name = client("iam"), "storefront-starter"
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))
    iam.put_role_policy(RoleName=name, PolicyName="start", PolicyDocument=_document(run, handed))
    return str(made["Role"]["Arn"])


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
