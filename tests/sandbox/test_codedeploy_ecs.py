"""Deployments to ECS by CodeDeploy: their life, under real traffic."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.sandbox.conftest import eventually
from tests.sandbox.releases import (
    AT_ONCE,
    CANARY,
    GROUP,
    PRODUCTION,
    TEST,
    Visitors,
    catalog_running,
    configure,
    deployed,
    events,
    info,
    other,
    over,
    reached,
    serving,
    settle,
    target,
    task_definition,
    version_at,
    weights,
)
from tests.sandbox.shop import CLUSTER, messages, service, tasks


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with catalog_running() as running:
        yield running


@pytest.fixture
def codedeploy(client: Any) -> Iterator[Any]:
    """Without a gate and with a short termination wait, unless a test asks for another."""
    codedeploy = client("codedeploy")
    configure(codedeploy)
    yield codedeploy
    settle(codedeploy)


def test_a_canary_behind_a_gate_loses_no_request(sandbox: Sandbox, ecs: Any, codedeploy: Any) -> None:
    configure(codedeploy, gate=60, wait=1)
    listener = sandbox.control.world["codedeploy"]["catalog"]["production_listener"]
    before, old = serving(sandbox), version_at(sandbox, PRODUCTION)

    with Visitors(sandbox, PRODUCTION) as visitors:
        number = deployed(codedeploy, task_definition(ecs, "1.1.0"), CANARY)
        reached(codedeploy, number, "Ready")
        assert (version_at(sandbox, TEST), version_at(sandbox, PRODUCTION)) == ("1.1.0", old)
        assert target(codedeploy, number)["status"] == "Ready"
        codedeploy.continue_deployment(deploymentId=number, deploymentWaitType="READY_WAIT")
        eventually(lambda: weights(sandbox, listener) == {before: 90, other(before): 10})
        seen = target(codedeploy, number)["taskSetsInfo"]
        assert [(each["taskSetLabel"], each["trafficWeight"]) for each in seen] == [("Blue", 90.0), ("Green", 10.0)]
        assert [each["targetGroup"]["name"] for each in seen] == [before, other(before)]
        eventually(lambda: info(codedeploy, number)["instanceTerminationWaitTimeStarted"])
        assert info(codedeploy, number)["status"] == "InProgress"
        assert weights(sandbox, listener) == {before: 0, other(before): 100}
        assert over(codedeploy, number)["status"] == "Succeeded"

    assert set(visitors.seen) == {old, "1.1.0"}
    assert set(events(target(codedeploy, number)).values()) == {"Succeeded"}
    seen_service = service(ecs, "catalog")
    assert (seen_service["deployments"], len(seen_service["taskSets"])) == ([], 1)
    assert serving(sandbox) == other(before)
    assert seen_service["loadBalancers"][0]["targetGroupArn"].split("/")[1] == other(before)


def test_linear_steps_follow_each_other(sandbox: Sandbox, ecs: Any, codedeploy: Any) -> None:
    codedeploy.create_deployment_config(
        deploymentConfigName="Thirds",
        computePlatform="ECS",
        trafficRoutingConfig={
            "type": "TimeBasedLinear",
            "timeBasedLinear": {"linearPercentage": 40, "linearInterval": 1},
        },
    )
    seen: list[float] = []

    number = deployed(codedeploy, task_definition(ecs, "1.0.0"), "Thirds")

    def note() -> bool:
        described = info(codedeploy, number)
        sets = target(codedeploy, number)["taskSetsInfo"] if described["status"] not in ("Created", "Queued") else []
        weight = sets[1]["trafficWeight"] if len(sets) == 2 else 0.0
        seen.extend([weight] if weight not in seen else [])
        return bool(described["instanceTerminationWaitTimeStarted"])

    eventually(note)
    codedeploy.continue_deployment(deploymentId=number, deploymentWaitType="TERMINATION_WAIT")
    assert seen == [0.0, 40.0, 80.0, 100.0]
    assert over(codedeploy, number)["status"] == "Succeeded"


def test_a_kept_task_set_makes_room_for_the_next(sandbox: Sandbox, ecs: Any, codedeploy: Any) -> None:
    configure(codedeploy, end="KEEP_ALIVE")

    first = over(codedeploy, deployed(codedeploy, task_definition(ecs, "1.1.0")))

    assert (first["status"], first["instanceTerminationWaitTimeStarted"]) == ("Succeeded", False)
    kept = service(ecs, "catalog")["taskSets"]
    assert sorted(each["status"] for each in kept) == ["ACTIVE", "PRIMARY"]
    configure(codedeploy, wait=0)
    assert over(codedeploy, deployed(codedeploy, task_definition(ecs, "1.0.0")))["status"] == "Succeeded"
    assert len(service(ecs, "catalog")["taskSets"]) == 1


def test_the_desired_count_scales_the_primary_task_set(ecs: Any, codedeploy: Any) -> None:
    ecs.update_service(cluster=CLUSTER, service="catalog", desiredCount=3)

    eventually(lambda: len(tasks(ecs, serviceName="catalog")) == 3 and service(ecs, "catalog")["runningCount"] == 3)
    assert [each["computedDesiredCount"] for each in service(ecs, "catalog")["taskSets"]] == [3]
    ecs.update_service(cluster=CLUSTER, service="catalog", desiredCount=2)
    eventually(lambda: "has reached a steady state" in messages(ecs, "catalog"))


def test_only_codedeploy_changes_the_task_definition(ecs: Any) -> None:
    with pytest.raises(ecs.exceptions.InvalidParameterException) as refused:
        ecs.update_service(cluster=CLUSTER, service="catalog", taskDefinition="catalog:1")

    assert "Unable to update task definition on services with a CODE_DEPLOY deployment controller. " in str(
        refused.value
    )


def test_one_deployment_at_a_time(ecs: Any, codedeploy: Any) -> None:
    definition = task_definition(ecs, "1.1.0")
    number = deployed(codedeploy, definition)

    with pytest.raises(codedeploy.exceptions.DeploymentLimitExceededException) as refused:
        deployed(codedeploy, definition)

    assert f"The Deployment Group 'production' already has an active Deployment '{number}'" in str(refused.value)
    over(codedeploy, number)
    listed = codedeploy.list_deployments(**GROUP, includeOnlyStatuses=["Succeeded"])["deployments"]
    assert listed[0] == number
    assert codedeploy.get_deployment_group(**GROUP)["deploymentGroupInfo"]["lastSuccessfulDeployment"] == {
        "deploymentId": number,
        "status": "Succeeded",
        "createTime": info(codedeploy, number)["createTime"],
        "endTime": info(codedeploy, number)["completeTime"],
    }
    assert info(codedeploy, number)["deploymentConfigName"] == AT_ONCE
