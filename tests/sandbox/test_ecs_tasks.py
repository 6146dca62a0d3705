"""One-off tasks and task definitions."""

import os
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.server import Sandbox
from tests.sandbox.conftest import eventually
from tests.sandbox.logs import log_of
from tests.sandbox.shop import CLUSTER, created, network, registered, run, service, stopped, tasks

MIGRATE = ["python", "manage.py", "migrate"]


def test_a_migration_runs_to_its_end_and_leaves_its_log(ecs: Any, client: Any, sandbox: Sandbox) -> None:
    task = run(ecs, sandbox, "storefront:1", MIGRATE, startedBy="tealgate")

    assert (task["containers"][0]["exitCode"], task["stopCode"]) == (0, "EssentialContainerExited")
    assert task["startedBy"] == "tealgate"
    assert "Running migrations" in log_of(client, task)


def test_a_migration_that_fails_exits_1_and_says_why(ecs: Any, client: Any, sandbox: Sandbox) -> None:
    task = run(ecs, sandbox, registered(ecs, "1.5.0"), MIGRATE)

    assert task["containers"][0]["exitCode"] == 1
    assert "IntegrityError" in log_of(client, task)


def test_an_image_for_another_processor_cannot_be_executed(ecs: Any, client: Any, sandbox: Sandbox) -> None:
    task = run(ecs, sandbox, registered(ecs, "1.4.0"), MIGRATE)

    assert (task["containers"][0]["exitCode"], task["stoppedReason"]) == (1, "Essential container in task exited")
    assert "exec format error" in log_of(client, task)


def test_an_unknown_image_cannot_be_pulled(ecs: Any, sandbox: Sandbox) -> None:
    task = run(ecs, sandbox, registered(ecs, "9.9.9"), MIGRATE)

    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("CannotPullContainerError: ")
    assert "exitCode" not in task["containers"][0]


def test_a_stopped_task_is_shown_for_an_hour_and_to_whoever_looks_minutes_later(ecs: Any, sandbox: Sandbox) -> None:
    before = run(ecs, sandbox, registered(ecs, "9.9.9"), MIGRATE)

    sandbox.skip(3700)  # a minute of this machine
    run(ecs, sandbox, registered(ecs, "9.9.9"), MIGRATE)

    assert stopped(ecs, before["taskArn"])["stopCode"] == "TaskFailedToStart"


def test_an_image_can_be_pulled_by_digest(ecs: Any, client: Any, sandbox: Sandbox) -> None:
    details = client("ecr").describe_images(repositoryName="storefront", imageIds=[{"imageTag": "1.6.0"}])
    digest = details["imageDetails"][0]["imageDigest"]
    definition = ecs.describe_task_definition(taskDefinition=registered(ecs, "1.0.0"))["taskDefinition"]
    image = sandbox.control.world["repository_uri"] + f"@{digest}"
    containers = [definition["containerDefinitions"][0] | {"image": image}]

    task = run(ecs, sandbox, registered(ecs, "1.0.0", containerDefinitions=containers), MIGRATE)

    assert task["containers"][0]["exitCode"] == 0
    assert task["containers"][0]["imageDigest"] == digest


def test_a_role_that_does_not_exist_keeps_the_task_from_starting(ecs: Any, sandbox: Sandbox) -> None:
    definition = registered(ecs, "1.0.0", taskRoleArn="arn:aws:iam::123456789012:role/nobody")

    task = run(ecs, sandbox, definition, MIGRATE)

    assert task["stopCode"] == "TaskFailedToStart"
    assert "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/nobody'" in task["stoppedReason"]


def test_a_log_group_that_does_not_exist_keeps_the_task_from_starting_unless_it_makes_it(
    ecs: Any, client: Any, sandbox: Sandbox
) -> None:
    body = ecs.describe_task_definition(taskDefinition=registered(ecs, "1.1.0"))["taskDefinition"]
    options = body["containerDefinitions"][0]["logConfiguration"]["options"]
    options["awslogs-group"] = "/ecs/of-yore"

    without = run(
        ecs, sandbox, registered(ecs, "1.1.0", containerDefinitions=body["containerDefinitions"]), ["migrate"]
    )
    options["awslogs-create-group"] = "true"
    made = run(ecs, sandbox, registered(ecs, "1.1.0", containerDefinitions=body["containerDefinitions"]), ["migrate"])

    assert without["stopCode"] == "TaskFailedToStart"
    assert without["stoppedReason"].startswith("ResourceInitializationError: failed to validate logger args: ")
    assert "ResourceNotFoundException: The specified log group does not exist." in without["stoppedReason"]
    assert made["containers"][0]["exitCode"] == 0
    assert client("logs").describe_log_groups(logGroupNamePrefix="/ecs/of-yore")["logGroups"]


def test_the_same_client_token_runs_one_task(ecs: Any, sandbox: Sandbox) -> None:
    request: dict[str, Any] = {
        "cluster": CLUSTER,
        "taskDefinition": "storefront:1",
        "networkConfiguration": network(sandbox),
        "launchType": "FARGATE",
        "clientToken": "once",
        "startedBy": "token-test",
    }

    first, second = ecs.run_task(**request), ecs.run_task(**request)

    assert first["tasks"][0]["taskArn"] == second["tasks"][0]["taskArn"]
    with pytest.raises(ecs.exceptions.ConflictException):
        ecs.run_task(**request | {"count": 2})
    ecs.stop_task(cluster=CLUSTER, task=first["tasks"][0]["taskArn"], reason="enough")


def test_a_task_that_is_stopped_ends_politely(ecs: Any, client: Any, sandbox: Sandbox) -> None:
    name = created(ecs, sandbox)
    task = eventually(lambda: [task for task in tasks(ecs, serviceName=name) if task["lastStatus"] == "RUNNING"])[0]
    eventually(lambda: "Booting version 1.0.0" in log_of(client, task))
    pid = next(each["pids"][0] for each in sandbox.control.tasks() if each["taskArn"] == task["taskArn"])

    ecs.stop_task(cluster=CLUSTER, task=task["taskArn"], reason="because")

    eventually(lambda: not _alive(pid))
    ended = ecs.describe_tasks(cluster=CLUSTER, tasks=[task["taskArn"]])["tasks"][0]
    assert (ended["stopCode"], ended["stoppedReason"]) == ("UserInitiated", "because")
    assert "SIGTERM received" in log_of(client, task)
    ecs.delete_service(cluster=CLUSTER, service=name, force=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_stays_until_it_is_stopped(ecs: Any, client: Any, sandbox: Sandbox) -> None:
    overrides = {"containerOverrides": [{"name": "web", "command": ["python", "manage.py", "worker"]}]}
    started = ecs.run_task(
        cluster=CLUSTER,
        taskDefinition="storefront:1",
        launchType="FARGATE",
        networkConfiguration=network(sandbox),
        overrides=overrides,
    )["tasks"][0]

    eventually(lambda: "Booting version 1.0.0" in log_of(client, started))
    ecs.stop_task(cluster=CLUSTER, task=started["taskArn"])

    assert stopped(ecs, started["taskArn"])["containers"][0]["exitCode"] == 0


def test_an_unknown_task_is_missing(ecs: Any) -> None:
    answer = ecs.describe_tasks(cluster=CLUSTER, tasks=["0" * 32])

    assert [failure["reason"] for failure in answer["failures"]] == ["MISSING"]
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        ecs.stop_task(cluster=CLUSTER, task="0" * 32)


def test_an_override_for_another_container_is_refused(ecs: Any, sandbox: Sandbox) -> None:
    overrides = {"containerOverrides": [{"name": "sidecar", "command": ["true"]}]}

    with pytest.raises(ecs.exceptions.ClientException):
        ecs.run_task(
            cluster=CLUSTER, taskDefinition="storefront", networkConfiguration=network(sandbox), overrides=overrides
        )


def test_a_family_means_its_latest_active_revision(ecs: Any) -> None:
    first = registered(ecs, "1.0.0", family="family")
    second = registered(ecs, "1.1.0", family="family")
    ecs.deregister_task_definition(taskDefinition=second)

    described = ecs.describe_task_definition(taskDefinition="family")["taskDefinition"]

    assert described["taskDefinitionArn"] == first
    assert described["registeredAt"].tzinfo is not None
    assert ecs.list_task_definitions(familyPrefix="family")["taskDefinitionArns"] == [first]


def test_an_inactive_task_definition_cannot_be_used(ecs: Any, sandbox: Sandbox) -> None:
    definition = registered(ecs, "1.0.0")
    ecs.deregister_task_definition(taskDefinition=definition)

    with pytest.raises(ClientError, match="TaskDefinition is inactive") as refused:
        ecs.update_service(cluster=CLUSTER, service="storefront-staging-green", taskDefinition=definition)

    assert refused.value.response["Error"]["Code"] == "ClientException"
    assert service(ecs, "storefront-staging-green")["taskDefinition"].endswith("storefront:1")


def test_tags_are_told_only_when_asked_for(ecs: Any) -> None:
    with_tags = ecs.describe_task_definition(taskDefinition="storefront:1", include=["TAGS"])

    assert with_tags["tags"] == [{"key": "team", "value": "shop"}]
    assert "tags" not in ecs.describe_task_definition(taskDefinition="storefront:1")
    arn = with_tags["taskDefinition"]["taskDefinitionArn"]
    ecs.tag_resource(resourceArn=arn, tags=[{"key": "release", "value": "42"}])
    assert {"key": "release", "value": "42"} in ecs.list_tags_for_resource(resourceArn=arn)["tags"]


def test_fargate_needs_an_execution_role_for_images_in_ecr(ecs: Any) -> None:
    definition = ecs.describe_task_definition(taskDefinition="storefront:1")["taskDefinition"]

    with pytest.raises(ecs.exceptions.ClientException, match="execution role ARN to support ECR images"):
        ecs.register_task_definition(
            family="no-role",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=definition["containerDefinitions"],
        )


def test_an_image_from_elsewhere_can_be_pulled_when_it_was_pushed_under_its_name(ecs: Any, sandbox: Sandbox) -> None:
    sandbox.push({"repository": "nginx", "tag": "1.27"})
    containers = [{"name": "web", "image": "docker.io/library/nginx:1.27", "essential": True}]

    task = run(ecs, sandbox, registered(ecs, "1.0.0", containerDefinitions=containers), ["true"])

    assert task["containers"][0]["exitCode"] == 0
