"""Tasks that neither scale in nor a deployment may stop."""

from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.sandbox.conftest import eventually
from tests.sandbox.native import Native
from tests.sandbox.shop import CLUSTER, created, messages, registered, run, service, steady, tasks


def protect(ecs: Any, *arns: str, **options: Any) -> dict[str, Any]:
    given = {"protectionEnabled": True} | options
    return dict(ecs.update_task_protection(cluster=CLUSTER, tasks=list(arns), **given))


def running(ecs: Any, name: str) -> list[str]:
    return [each["taskArn"] for each in tasks(ecs, serviceName=name)]


def test_a_protected_task_outlives_a_service_that_is_scaled_to_0(ecs: Any, sandbox: Sandbox) -> None:
    name = created(ecs, sandbox, desiredCount=2)
    steady(ecs, name)
    kept, other = running(ecs, name)

    (answer,) = protect(ecs, kept)["protectedTasks"]
    ecs.update_service(cluster=CLUSTER, service=name, desiredCount=0)

    assert answer["protectionEnabled"]
    eventually(lambda: service(ecs, name)["runningCount"] == 1)
    assert running(ecs, name) == [kept]
    assert "was unable to scale in due to (reason 1 tasks under protection)" in messages(ecs, name)
    assert ecs.get_task_protection(cluster=CLUSTER, tasks=[kept])["protectedTasks"] == [answer]
    protect(ecs, kept, protectionEnabled=False)
    eventually(lambda: service(ecs, name)["runningCount"] == 0)


def test_protection_ends_by_itself(ecs: Any, sandbox: Sandbox) -> None:
    name = created(ecs, sandbox)
    steady(ecs, name)
    (arn,) = running(ecs, name)
    protect(ecs, arn, expiresInMinutes=1)

    ecs.update_service(cluster=CLUSTER, service=name, desiredCount=0)

    eventually(lambda: service(ecs, name)["runningCount"] == 0)
    assert arn not in str(ecs.get_task_protection(cluster=CLUSTER)["protectedTasks"])


def test_a_rolling_update_waits_for_a_protected_task(ecs: Any, sandbox: Sandbox) -> None:
    name = created(ecs, sandbox)
    steady(ecs, name)
    (old,) = running(ecs, name)
    protect(ecs, old)

    ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=registered(ecs, "1.1.0"))

    eventually(lambda: "has started 1 tasks" in messages(ecs, name) and service(ecs, name)["runningCount"] == 2)
    assert old in running(ecs, name)
    assert [each["rolloutState"] for each in service(ecs, name)["deployments"]] == ["IN_PROGRESS", "COMPLETED"]
    protect(ecs, old, protectionEnabled=False)
    steady(ecs, name)
    assert old not in running(ecs, name)


def test_a_rolling_update_goes_on_beside_a_protected_task(ecs: Any, sandbox: Sandbox) -> None:
    """The room for a new task is made by the old one that is not protected, whichever is older."""
    half = {"minimumHealthyPercent": 50, "maximumPercent": 100}
    name = created(ecs, sandbox, desiredCount=2, deploymentConfiguration=half)
    steady(ecs, name)
    kept, other = running(ecs, name)
    protect(ecs, kept)

    ecs.update_service(cluster=CLUSTER, service=name, taskDefinition=registered(ecs, "1.1.0"))

    eventually(lambda: other not in running(ecs, name) and service(ecs, name)["runningCount"] == 2)
    assert kept in running(ecs, name)
    protect(ecs, kept, protectionEnabled=False)
    steady(ecs, name)


def test_a_swap_is_not_over_before_the_protected_task(sandbox: Sandbox, ecs: Any) -> None:
    native = Native(sandbox, strategy="BLUE_GREEN")
    (old,) = running(ecs, native.name)
    protect(ecs, old)

    arn = native.deploy("1.1.0")

    eventually(lambda: "under protection" in messages(ecs, native.name))
    assert (native.at(arn)["status"], native.at(arn)["lifecycleStage"]) == ("IN_PROGRESS", "CLEAN_UP")
    assert old in running(ecs, native.name)
    protect(ecs, old, protectionEnabled=False)
    native.until(arn, "SUCCESSFUL")


def test_only_tasks_of_services_can_be_protected(ecs: Any, sandbox: Sandbox) -> None:
    alone = run(ecs, sandbox, "storefront:1", ["python", "manage.py", "check"])["taskArn"]

    failures = protect(ecs, alone, "0" * 32)["failures"]

    assert [each["reason"] for each in failures] == ["TASK_NOT_VALID", "MISSING"]
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="between 1 and 2880"):
        protect(ecs, alone, expiresInMinutes=2881)
