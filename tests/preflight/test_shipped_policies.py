"""infra/iam: each file allows what its controller takes and no more; without one action, preflight names it."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from deployments.aws.permission_values import Permission, Question
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import code_deploy_server, grants, grants_beside
from deployments.preflight.grants import Grant
from deployments.preflight.permissions import ask_all
from deployments.preflight.report import Level
from sandbox.policies import as_list, evaluate
from sandbox.world.policies import FOLDER, PLACES, filled

READING = ("Describe", "List", "Get", "BatchGet", "Simulate")
WRITES = {action for action in grants.ACTIONS if not action.partition(":")[2].startswith(READING)}
CONTROLLERS: dict[str, tuple[Grant, ...]] = {
    "service-pair": (*grants.WRITES, *grants.READS),
    "rolling": grants.ROLLING,
    "ecs": grants.ECS,
    "express-mode": grants.EXPRESS_MODE,
    "code-deploy-ecs": grants.CODE_DEPLOY,
    "code-deploy-server": grants.SERVER,
    "moving-house": grants.MOVING,
    "pipeline-approval": grants.ANSWERING,
    "scheduled-tasks": grants.SCHEDULED,
}
#: What a file allows beside: refused, Tealgate says so and does without, so preflight does not ask for it.
DISPENSABLE = {"service-pair": {"events:PutEvents"}}
NAMES = {
    "cluster": "shop",
    "service": "web-*",
    "family": "web",
    "repository": "web",
    "production_rule": "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/web/50dc/f2f7/9683",
    "test_rule": "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/50dc/0a1b",
    "log_group": "/ecs/web",
    "codedeploy_application": "web",
    "codedeploy_group": "live",
    "bundle_bucket": "releases",
    "pipeline": "shop",
    "approval_stage": "Production",
    "approval_action": "Wait",
    "task_role": "arn:aws:iam::123456789012:role/task",
    "execution_role": "arn:aws:iam::123456789012:role/execution",
    "scheduled_family": "cron",
    "rule": "nightly",
    "schedule": "default/hourly",
    "scheduled_task_role": "arn:aws:iam::123456789012:role/cron-task",
    "scheduled_execution_role": "arn:aws:iam::123456789012:role/cron-execution",
    "starter_role": "arn:aws:iam::123456789012:role/starter",
    "infrastructure_role": "arn:aws:iam::123456789012:role/infrastructure",
}


def arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:us-east-1:123456789012:{rest}"


#: What `permissions.resources` finds for such an environment, every row filled.
ROWS: dict[str, tuple[str, ...]] = {
    "*": ("*",),
    "target groups": ("*",),
    "services": (arn("ecs", "service/shop/web-blue"), arn("ecs", "service/shop/web-green")),
    "service deployments": (arn("ecs", "service-deployment/shop/web-blue/*"),),
    "service revisions": (arn("ecs", "service-revision/shop/web-blue/*"),),
    "deployment group": (arn("codedeploy", "deploymentgroup:web/live"),),
    "deployment group without its alarms": (arn("codedeploy", "deploymentgroup:web/live"),),
    "codedeploy application": (arn("codedeploy", "application:web"),),
    "deployment configs": (arn("codedeploy", "deploymentconfig:*"),),
    "revisions to come": (arn("ecs", "task-definition/web:*"),),
    "task roles": (NAMES["task_role"], NAMES["execution_role"]),
    "rules": (NAMES["production_rule"],),
    "listeners of default rules": (NAMES["test_rule"],),
    "one-off task definition": (arn("ecs", "task-definition/web:*"),),
    "tasks": (arn("ecs", "task/shop/*"),),
    "one-off tasks": (arn("ecs", "task/shop/*"),),
    "tagged one-off tasks": (arn("ecs", "task/shop/*"),),
    "scalable targets": (arn("application-autoscaling", "scalable-target/*"),),
    "repositories": (arn("ecr", "repository/web"),),
    "log groups": (arn("logs", "log-group:/ecs/web:log-stream:*"),),
    "approval pipeline": (arn("codepipeline", "shop"),),
    "approval action": (arn("codepipeline", "shop/Production/Wait"),),
    "scheduled revisions": (arn("ecs", "task-definition/cron:*"),),
    "scheduled task roles": (NAMES["scheduled_task_role"], NAMES["scheduled_execution_role"]),
    "roles of rules": (NAMES["starter_role"],),
    "roles of schedules": (NAMES["starter_role"],),
    "rules of tasks": (arn("events", "rule/nightly"),),
    "schedules of tasks": (arn("scheduler", "schedule/default/hourly"),),
    "bundle": ("arn:aws:s3:::releases/web/1.1.0.zip",),
    "version of the bundle": ("arn:aws:s3:::releases/web/1.1.0.zip",),
    "bucket of the bundle": ("arn:aws:s3:::releases",),
}


class Asked:
    """The part of preflight's readings that asks IAM, answered by a policy."""

    answered: frozenset[str] = frozenset()
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)

    class identity:  # noqa: N801 - stands for a value
        arn = "arn:aws:sts::123456789012:assumed-role/tealgate-deployer/web"
        account = "123456789012"

    def __init__(self, policy: dict[str, Any]) -> None:
        self._policy = policy

    def may(self, questions: Sequence[Question]) -> tuple[Permission, ...]:
        return tuple(
            Permission(action=question.action, resource=resource, decision=self._outcome(question, resource))
            for question in questions
            for resource in question.resources
        )

    def _outcome(self, question: Question, resource: str) -> str:
        given = {key: [value] for key, value in question.context}
        return evaluate({"file": self._policy}, question.action, resource, given).outcome


def policy(name: str) -> dict[str, Any]:
    return filled(name, **NAMES)


def actions(document: dict[str, Any]) -> set[str]:
    return {action for statement in document["Statement"] for action in as_list(statement["Action"])}


def without(document: dict[str, Any], action: str) -> dict[str, Any]:
    """The policy with one action struck out of every statement."""
    copy: dict[str, Any] = json.loads(json.dumps(document))
    for statement in copy["Statement"]:
        statement["Action"] = [each for each in as_list(statement["Action"]) if each != action]
    return copy


def told(name: str, document: dict[str, Any]) -> list[str]:
    results = ask_all(CONTROLLERS[name], ROWS, Asked(document))  # type: ignore[arg-type]
    return [result.seen for result in results if result.level != Level.OK]


def every_action() -> Iterator[tuple[str, str]]:
    for name, table in CONTROLLERS.items():
        yield from ((name, action) for action in sorted({grant.action for grant in table}))


@pytest.mark.parametrize("name", CONTROLLERS)
def test_a_file_allows_exactly_what_its_controller_takes(name: str) -> None:
    assert actions(policy(name)) == {grant.action for grant in CONTROLLERS[name]} | DISPENSABLE.get(name, set())
    assert told(name, policy(name)) == []


@pytest.mark.parametrize(("name", "action"), list(every_action()))
def test_an_action_that_is_struck_out_is_named_by_preflight(name: str, action: str) -> None:
    sentences = told(name, without(policy(name), action))

    assert sentences
    assert all(f"needs {action} on" in sentence for sentence in sentences)


@pytest.mark.parametrize(("version", "looking"), [("", "s3:GetObject"), ("v1", "s3:GetObjectVersion")])
def test_s3_asks_for_another_permission_when_a_bundle_names_its_version(version: str, looking: str) -> None:
    bundle = {"type": "S3", "bucket": "releases", "key": "1.1.0.zip", "bundleType": "zip", "version": version}
    denied = without(without(policy("code-deploy-server"), "s3:GetObject"), "s3:GetObjectVersion")

    settings = EnvironmentSettings(label="shop/production", controller="CODE_DEPLOY", region="us-east-1")
    results = code_deploy_server.allowed(settings, Artefact(version="1.1.0", bundle=bundle), Asked(denied))  # type: ignore[arg-type]

    assert [result.seen.split(" needs ")[1] for result in results if "s3:" in result.seen] == [
        f"{looking} on arn:aws:s3:::releases/1.1.0.zip, which no policy allows."
    ]


@pytest.mark.parametrize("name", CONTROLLERS)
def test_writes_are_allowed_on_what_is_named_and_nothing_else(name: str) -> None:
    for statement in policy(name)["Statement"]:
        if WRITES & set(as_list(statement["Action"])):
            assert statement["Resource"] != "*", statement["Sid"]


def may(name: str, action: str, resource: str, **context: str) -> bool:
    given = {key.replace("__", ":").replace("_", "-"): [value] for key, value in context.items()}
    return evaluate({"file": policy(name)}, action, resource, given).allowed


RUNNING_TASKS = [
    name
    for name in CONTROLLERS
    if any("ecs:RunTask" in as_list(statement["Action"]) for statement in policy(name)["Statement"])
]


@pytest.mark.parametrize("name", RUNNING_TASKS)
def test_one_off_tasks_run_in_the_environments_cluster_only(name: str) -> None:
    definition = arn("ecs", "task-definition/web:7")

    assert may(name, "ecs:RunTask", definition, ecs__cluster=arn("ecs", "cluster/shop"))
    assert not may(name, "ecs:RunTask", definition, ecs__cluster=arn("ecs", "cluster/payroll"))
    assert not may(name, "ecs:RunTask", definition)


def test_scaling_is_suspended_of_ecs_services_only() -> None:
    action, target = "application-autoscaling:RegisterScalableTarget", ROWS["scalable targets"][0]
    scaled = {
        (namespace, dimension): evaluate(
            {"file": policy("service-pair")},
            action,
            target,
            {
                "application-autoscaling:service-namespace": [namespace],
                "application-autoscaling:scalable-dimension": [dimension],
            },
        ).allowed
        for namespace, dimension in (
            ("ecs", "ecs:service:DesiredCount"),
            ("dynamodb", "dynamodb:table:ReadCapacityUnits"),
            ("dynamodb", "ecs:service:DesiredCount"),
            ("ecs", "dynamodb:table:ReadCapacityUnits"),
        )
    }

    assert list(scaled.values()) == [True, False, False, False]
    assert not may("service-pair", action, target)


@pytest.mark.parametrize(
    ("action", "other"),
    [
        ("elasticloadbalancing:ModifyRule", "listener-rule/app/web/50dc/f2f7/ffff"),
        ("elasticloadbalancing:ModifyListener", "listener/app/web/50dc/ffff"),
        ("elasticloadbalancing:ModifyRule", "listener-rule/app/shop/50dc/f2f7/9683"),
    ],
)
def test_no_other_rule_of_the_load_balancer_is_written(action: str, other: str) -> None:
    assert not may("service-pair", action, arn("elasticloadbalancing", other))


def test_reading_allows_every_read_and_no_write() -> None:
    allowed = actions(policy("reading"))

    assert not allowed & WRITES
    # Bundles are not for everybody who looks to read, nor the variables and tokens of pipelines; the files that need
    # them name the bucket and the pipeline.
    assert set(grants.ACTIONS) - WRITES - allowed == {
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "codepipeline:GetPipeline",
        "codepipeline:GetPipelineState",
        "codepipeline:ListActionExecutions",
    }


def test_tidying_allows_one_write_and_the_reads_that_come_before_it() -> None:
    allowed = actions(policy("tidying"))

    assert allowed == {grant.action for grant in grants_beside.TIDYING}
    # IAM knows no resource for it.
    assert {each for each in allowed if not each.partition(":")[2].startswith(READING)} == {
        "ecs:DeregisterTaskDefinition"
    }


def test_self_registering_reads_the_named_repository_and_nothing_else() -> None:
    mine = {"file": policy("self-registering")}
    asked = {grant.action: ROWS["repositories"][0] for grant in grants_beside.SELF_REGISTERING}

    assert actions(mine["file"]) == set(asked)
    assert all(evaluate(mine, action, where, {}).allowed for action, where in asked.items())
    assert not any(evaluate(mine, action, f"{where}-payroll", {}).allowed for action, where in asked.items())


def test_the_trust_policy_wants_the_external_id() -> None:
    (statement,) = filled("trust", tealgate_role="arn:aws:iam::1:role/tealgate", external_id="x1")["Statement"]

    assert statement["Principal"] == {"AWS": "arn:aws:iam::1:role/tealgate"}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "x1"}}


def test_tealgate_itself_may_assume_the_deployers_roles_only() -> None:
    own = filled("tealgate", deployer_role="tealgate-*")
    to_assume = {
        role: evaluate({"own": own}, "sts:AssumeRole", f"arn:aws:iam::210987654321:role/{role}", {}).allowed
        for role in ("tealgate-shop", "administrator")
    }

    assert to_assume == {"tealgate-shop": True, "administrator": False}


BUS = arn("events", "event-bus/default")


@pytest.mark.parametrize(
    ("source", "bus", "allowed"),
    [
        ("tealgate", BUS, True),
        ("shop.orders", BUS, False),
        ("", BUS, False),
        ("tealgate", arn("events", "event-bus/orders"), False),
        ("tealgate", BUS.replace("us-east-1", "eu-central-1"), False),
        ("tealgate", BUS.replace("123456789012", "210987654321"), False),
    ],
)
def test_an_environment_may_say_tealgate_on_its_default_bus_and_nothing_else(
    source: str, bus: str, allowed: bool
) -> None:
    given = {"events:source": [source]} if source else {}

    assert evaluate({"file": policy("service-pair")}, "events:PutEvents", bus, given).allowed is allowed


def test_tealgate_itself_may_read_the_queue_of_events_and_send_nothing() -> None:
    own = {"own": filled("tealgate-events", queue="tealgate-events")}
    queue, other = (arn("sqs", name) for name in ("tealgate-events", "orders"))
    asked = ("DeleteMessage", "GetQueueUrl", "ReceiveMessage", "SendMessage", "PurgeQueue", "SetQueueAttributes")
    allowed = {
        (operation, where)
        for operation in asked
        for where in (queue, other)
        if evaluate(own, f"sqs:{operation}", where, {}).allowed
    }

    assert allowed == {(operation, queue) for operation in ("DeleteMessage", "GetQueueUrl", "ReceiveMessage")}


def test_tealgate_itself_tells_by_the_topic_and_the_bus_that_are_named_and_by_no_other() -> None:
    topic, bus = arn("sns", "deploys"), arn("events", "event-bus/deploys")
    own = {"sns": filled("tealgate-sns", topic=topic), "bus": filled("tealgate-eventbridge", bus=bus)}
    event = {"events:source": ["tealgate"], "events:detail-type": ["Tealgate Notification"]}

    assert evaluate(own, "sns:Publish", topic, {}).allowed and evaluate(own, "events:PutEvents", bus, event).allowed
    assert not evaluate(own, "sns:Publish", arn("sns", "others"), {}).allowed
    assert not evaluate(own, "sns:Subscribe", topic, {}).allowed
    assert not evaluate(own, "events:PutEvents", arn("events", "event-bus/default"), event).allowed
    assert not evaluate(own, "events:PutEvents", bus, {**event, "events:source": ["shop"]}).allowed
    assert not evaluate(own, "events:PutEvents", bus, {**event, "events:detail-type": ["Tealgate Echo"]}).allowed


def test_every_shipped_file_is_known_here() -> None:
    own = {
        "trust",
        "tealgate",
        "tealgate-sqs",
        "tealgate-events",
        "tealgate-sns",
        "tealgate-eventbridge",
        "tidying",
        "self-registering",
    }

    assert {path.stem for path in FOLDER.glob("*.json")} == {*(name.partition(".")[0] for name in PLACES), *own}


@pytest.mark.parametrize("other", ["shop/Production/Ask", "shop/Staging/Wait", "payroll/Production/Wait"])
def test_no_other_action_of_a_pipeline_is_answered(other: str) -> None:
    assert may("pipeline-approval", "codepipeline:PutApprovalResult", ROWS["approval action"][0])
    assert not may("pipeline-approval", "codepipeline:PutApprovalResult", arn("codepipeline", other))
