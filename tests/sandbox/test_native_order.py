"""Nobody stops a task that a rule still forwards to, whichever way a deployment goes."""

import json
from typing import Any

from sandbox.ecs import services
from sandbox.ecs.api import Request
from sandbox.ecs.model import Task
from sandbox.ecs.rollout import is_healthy
from sandbox.ecs.service_deployments import machine, operations
from sandbox.server import Sandbox
from tests.sandbox.conftest import eventually
from tests.sandbox.native import FAST, PRODUCTION, Native, pause
from tests.sandbox.shop import CLUSTER, registered

SCALE = FAST
PAUSED: dict[str, Any] = {"strategy": "BLUE_GREEN", "lifecycleHooks": [pause("POST_PRODUCTION_TRAFFIC_SHIFT")]}


def _tasks(native: Native, version: str) -> list[Task]:
    """Of this version, those that are to run."""
    service = native.sandbox.ecs.services[CLUSTER, native.name]
    alive = [task for task in native.sandbox.ecs.tasks_of(service) if task.desired_status == "RUNNING"]
    return [task for task in alive if task.containers[0].image.endswith(f":{version}")]


def test_the_target_keeps_its_tasks_until_the_traffic_is_back(sandbox: Sandbox) -> None:
    native = Native(sandbox, count=2, **PAUSED)
    arn = native.deploy("1.1.0")
    native.paused(arn)
    store = sandbox.ecs

    with store.lock:  # the scheduler waits: this test looks for it
        operations.stop_service_deployment(store, Request(serviceDeploymentArn=arn))
        while native.weights(native.production) != (100, 0):
            assert len(_tasks(native, "1.1.0")) == 2
            machine.reconcile(store, store.services[CLUSTER, native.name], store.clock.now())
        assert len(_tasks(native, "1.1.0")) == 2

    native.until(arn, "ROLLBACK_SUCCESSFUL")
    assert native.weights(native.test) == (100, 0)
    eventually(lambda: not _tasks(native, "1.1.0"))


def test_tasks_stay_where_the_traffic_is_when_it_cannot_be_given_back(sandbox: Sandbox) -> None:
    native = Native(sandbox, **PAUSED)
    arn = native.deploy("1.1.0")
    native.paused(arn)
    iam = sandbox.client("iam")
    name = native.role.rpartition("/")[2]
    policy = iam.get_role_policy(RoleName=name, PolicyName="shift")["PolicyDocument"]
    iam.delete_role_policy(RoleName=name, PolicyName="shift")

    native.stop(arn)
    native.until(arn, "ROLLBACK_FAILED")
    native.update(desiredCount=2)
    eventually(lambda: native.service()["runningCount"] == 4)
    assert native.version_at(PRODUCTION) == "1.1.0"

    iam.put_role_policy(RoleName=name, PolicyName="shift", PolicyDocument=_text(policy))
    with native.traffic() as seen:
        newer = native.deploy("1.6.0")
        native.answer(newer, native.paused(newer))
        native.until(newer, "SUCCESSFUL")
    assert not [each for each in seen if each.startswith("HTTP")]
    eventually(lambda: not _tasks(native, "1.1.0"))


def _text(policy: Any) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy)


def test_a_swap_that_follows_half_a_rolling_update_loses_no_request(sandbox: Sandbox) -> None:
    native = Native(sandbox, count=2, strategy="ROLLING", minimumHealthyPercent=50, maximumPercent=100)
    newest = registered(native.ecs, "1.6.0")

    with native.traffic() as seen:
        native.deploy("1.1.0")
        eventually(lambda: _overtaken(native, newest))
        native.until(native.current(), "SUCCESSFUL")

    assert seen["1.1.0"]
    assert not [each for each in seen if each.startswith("HTTP")]


def _overtaken(native: Native, definition: str) -> bool:
    """Whether only new tasks answer while the update is under way, and then another kind of update was begun."""
    store = native.sandbox.ecs
    with store.lock:
        new = _tasks(native, "1.1.0")
        if _tasks(native, "1.0.0") or not any(is_healthy(store, task, store.clock.now()) for task in new):
            return False
        request: dict[str, Any] = {"taskDefinition": definition, "deploymentConfiguration": {"strategy": "BLUE_GREEN"}}
        services.update_service(store, Request(cluster=CLUSTER, service=native.name, **request))
        return True
