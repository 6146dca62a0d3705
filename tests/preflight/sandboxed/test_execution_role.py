"""What tasks need to start: the execution role's own permissions and the log group, each missing in the account."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from deployments.preflight.report import Level
from sandbox.world.names import EXECUTION
from tests.preflight.sandboxed import making
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene, eventually

Statement = Mapping[str, Any]


def allow(*actions: str, on: str = "*") -> Statement:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on}


PULL = allow("ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
LOG = allow("logs:CreateLogStream", "logs:PutLogEvents")
READ = allow("secretsmanager:GetSecretValue", "ssm:GetParameters", "kms:Decrypt")
NO_DECRYPT = {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}
OTHER = "arn:aws:secretsmanager:us-east-1:123456789012:secret:"


def by_role(*statements: Statement, container: Statement | None = None) -> Callable[[Scene], None]:
    """The live task definition names an execution role with these statements, and a release is to follow."""

    def make(scene: Scene) -> None:
        role = making.starting(scene, *statements)
        definition = making.definition(scene, container, executionRoleArn=role)
        scene.serve(making.service(scene, definition))
        scene.release = scene.released("1.1.0")

    return make


def with_secret(value: str) -> Statement:
    return {"secrets": [{"name": "SECRET_KEY", "valueFrom": value}]}


def logging(**options: str) -> Statement:
    return {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-stream-prefix": "web", **options}}}


def to_group(name: str) -> Statement:
    return logging(**{"awslogs-group": name, "awslogs-region": "us-east-1"})


def made_by_tasks(name: str) -> Statement:
    return logging(**{"awslogs-group": name, "awslogs-region": "us-east-1", "awslogs-create-group": "true"})


def made_already(scene: Scene) -> None:
    """By hand, by somebody else's tasks, or by these before."""
    scene.aws("logs").create_log_group(logGroupName="/ecs/there")
    by_role(PULL, LOG, READ, container=made_by_tasks("/ecs/there"))(scene)


def with_files(scene: Scene) -> None:
    files = [{"value": "arn:aws:s3:::shop-config/web.env", "type": "s3"}]
    by_role(PULL, LOG, READ, container={"environmentFiles": files})(scene)


def taken_away(action: str) -> Callable[[Scene], None]:
    """From the role that started the tasks that run."""

    def make(scene: Scene) -> None:
        eventually(lambda: bool(running(scene)))
        making.take_away(scene, action, EXECUTION)

    return make


def running(scene: Scene) -> int:
    name = scene.settings.service_name or scene.settings.blue_service
    shown = scene.aws("ecs").describe_services(cluster=scene.settings.cluster, services=[name])["services"]
    return int(shown[0]["runningCount"])


def simulating_refused(scene: Scene) -> None:
    scene.fault("deny", "iam", "SimulatePrincipalPolicy")


def logs_refused(scene: Scene) -> None:
    scene.fault("deny", "logs", "DescribeLogGroups")


MAY, GROUP, KEY = "execution-role-may", "log-group", "execution-role-key"
SECRET = "secretsmanager:GetSecretValue"
TASKS = ("SERVICE_PAIR", "ROLLING")
ALL = ("SERVICE_PAIR", "ROLLING", "ECS", "EXPRESS_MODE", "CODE_DEPLOY")
WARNING, UNKNOWN, OK = Level.WARNING, Level.UNKNOWN, Level.OK


def told(
    make: Callable[[Scene], None], words: str, controller: str = "SERVICE_PAIR", level: Level = Level.ERROR
) -> Failure:
    return Failure(make, "execution-role", MAY, words, controller, level)


def logged(
    make: Callable[[Scene], None], words: str, controller: str = "SERVICE_PAIR", level: Level = Level.ERROR
) -> Failure:
    return Failure(make, "log-groups", GROUP, words, controller, level)


FAILURES = (
    *(
        told(
            by_role(LOG, READ),
            "To pull its images, tasks need ecr:GetAuthorizationToken on * and ecr:BatchGetImage and "
            "ecr:GetDownloadUrlForLayer on arn:aws:ecr:us-east-1:123456789012:repository/storefront by their execution "
            "role case-",
            controller,
        )
        for controller in TASKS
    ),
    told(
        by_role(LOG, READ),
        "would not start (CannotPullContainerError). Allow it to arn:aws:iam::123456789012:role/case-",
    ),
    told(
        by_role(PULL, READ), "To write its logs, tasks need logs:CreateLogStream and logs:PutLogEvents on arn:aws:logs:"
    ),
    told(by_role(PULL, READ), "AWS's own policy AmazonECSTaskExecutionRolePolicy has it."),
    told(
        by_role(PULL, LOG), f"To read its secrets, tasks need {SECRET} on arn:aws:secretsmanager:us-east-1:123456789012"
    ),
    told(
        by_role(PULL, LOG, container=with_secret("/shop/key")),
        "tasks need ssm:GetParameters on arn:aws:ssm:us-east-1:123456789012:parameter/shop/key by their",
    ),
    told(
        by_role(PULL, LOG, container=with_secret(f"{OTHER}shop-AbCdEf:password::")),
        f"tasks need {SECRET} on {OTHER}shop-AbCdEf by their",
    ),
    told(
        by_role(PULL, LOG, READ, NO_DECRYPT),
        "which a statement denies explicitly: they would not start (ResourceInitializationError). Find the Deny that",
    ),
    told(with_files, "To read its files of variables, tasks need s3:GetObject on arn:aws:s3:::shop-config/web.env"),
    told(
        by_role(PULL, LOG, READ, container=made_by_tasks("/ecs/new")),
        "To make its log group (awslogs-create-group), tasks need logs:CreateLogGroup on arn:aws:logs:us-east-1:"
        "123456789012:log-group:/ecs/new:log-stream: by",
    ),
    *(
        told(taken_away(SECRET), "Tasks that run were started by it, so either the other side's", controller, WARNING)
        for controller in ("SERVICE_PAIR", "ROLLING", "ECS", "CODE_DEPLOY")
    ),
    *(told(taken_away("logs:PutLogEvents"), "tasks need logs:PutLogEvents on", controller) for controller in ALL),
    told(
        by_role({**PULL, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}, LOG, READ),
        "is not known: its policies have conditions on aws:SourceVpce, which are those of the tasks when they start.",
        level=UNKNOWN,
    )._replace(check="execution-role-conditions"),
    told(
        by_role({**PULL, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}, LOG, READ),
        "may write its logs and read its secrets.",
        level=OK,
    ),
    told(simulating_refused, "may not iam:SimulatePrincipalPolicy", level=UNKNOWN)._replace(check="execution-role"),
    told(by_role(PULL, LOG, READ), "may pull its images, write its logs and read its secrets.", level=OK),
    told(by_role(PULL, LOG, allow(SECRET)), "may kms:Decrypt on", level=UNKNOWN)._replace(check=KEY),
    told(
        by_role(PULL, LOG, allow(SECRET, on=f"{OTHER}shop-AbCdEf"), container=with_secret(f"{OTHER}shop")),
        f"may {SECRET} on {OTHER}shop-?????? and kms:Decrypt on",
        level=UNKNOWN,
    )._replace(check=KEY),
    *(
        logged(
            by_role(PULL, LOG, READ, container=to_group("/ecs/nowhere")),
            "logs to /ecs/nowhere in us-east-1, which does not exist: tasks would not start (ResourceInitialization",
            controller,
        )
        for controller in TASKS
    ),
    logged(
        by_role(PULL, LOG, READ, container=to_group("/ecs/store")),
        "Create the log group /ecs/store (aws logs create-log-group), or set awslogs-create-group to true",
    ),
    logged(by_role(PULL, LOG, container=made_by_tasks("/ecs/new")), "/ecs/new is made where it is missing.", level=OK),
    logged(logs_refused, "may not logs:DescribeLogGroups", level=UNKNOWN)._replace(check="log-groups"),
)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_what_keeps_tasks_from_starting_is_told(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)


@pytest.mark.parametrize("controller", ["ROLLING"])
def test_a_log_group_that_exists_need_not_be_made(scene: Scene) -> None:
    made_already(scene)

    found = [each for each in scene.look("execution-role").results if each.check == MAY]
    assert [each.level for each in found] == [OK], found
    assert "make its log group" not in found[0].seen
