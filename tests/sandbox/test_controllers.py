"""A service of CodeDeploy becomes one of ECS's own, as AWS takes it, and what AWS refuses."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.server import Sandbox
from tests.sandbox.conftest import EPHEMERAL, client_of, eventually
from tests.sandbox.releases import PRODUCTION, Visitors, catalog_running, version_at
from tests.sandbox.shop import CLUSTER, created, service


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Each has its own: what was moved does not come back."""
    with catalog_running() as running:
        yield running


@pytest.fixture
def ecs(sandbox: Sandbox) -> Any:
    return client_of(sandbox, "ecs")


def moved(sandbox: Sandbox, **changes: Any) -> dict[str, Any]:
    """What UpdateService is asked for the catalog."""
    seen = sandbox.control.world["codedeploy"]["catalog"]
    advanced = {
        "alternateTargetGroupArn": seen["target_groups"]["green"],
        "productionListenerRule": seen["production_rule"],
        "testListenerRule": seen["test_rule"],
        "roleArn": sandbox.control.world["roles"]["infrastructure"],
    }
    balancer = {"targetGroupArn": seen["target_groups"]["blue"], "containerName": "web", "containerPort": 8000}
    return {
        "cluster": CLUSTER,
        "service": "catalog",
        "deploymentController": {"type": "ECS"},
        "deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0},
        "loadBalancers": [balancer | {"advancedConfiguration": advanced}],
    } | changes


def test_what_aws_refuses_changes_nothing(ecs: Any, sandbox: Sandbox) -> None:
    plain = [
        {key: value for key, value in moved(sandbox)["loadBalancers"][0].items() if key != "advancedConfiguration"}
    ]
    for changes, said in (
        ({"loadBalancers": plain}, "advancedConfiguration field is required for all loadBalancers"),
        ({"deploymentConfiguration": {"strategy": "PURPLE"}}, "PURPLE"),
    ):
        with pytest.raises(ClientError, match=said):
            ecs.update_service(**moved(sandbox, **changes))

    assert service(ecs, "catalog")["deploymentController"] == {"type": "CODE_DEPLOY"}
    assert service(ecs, "catalog")["taskSets"][0]["status"] == "PRIMARY"


def test_only_one_primary_task_set_may_move(ecs: Any, sandbox: Sandbox) -> None:
    name = created(ecs, sandbox, desiredCount=0, deploymentController={"type": "EXTERNAL"}, launchType=None,
                   taskDefinition=None, networkConfiguration=None)  # fmt: skip
    with pytest.raises(ClientError, match="requires a primary taskset"):
        ecs.update_service(cluster=CLUSTER, service=name, deploymentController={"type": "ECS"})
    definition, network = service(ecs, "catalog")["taskDefinition"], service(ecs, "catalog")["networkConfiguration"]
    for _ in range(2):
        ecs.create_task_set(cluster=CLUSTER, service=name, taskDefinition=definition, launchType="FARGATE",
                            networkConfiguration=network)  # fmt: skip
    with pytest.raises(ClientError, match="only one taskset"):
        ecs.update_service(cluster=CLUSTER, service=name, deploymentController={"type": "ECS"})


def test_nothing_becomes_code_deploys_again(ecs: Any, sandbox: Sandbox) -> None:
    name = created(ecs, sandbox, desiredCount=0)

    with pytest.raises(ClientError, match="from ECS to CODE_DEPLOY is not supported"):
        ecs.update_service(cluster=CLUSTER, service=name, deploymentController={"type": "CODE_DEPLOY"})


def test_the_task_sets_tasks_serve_until_ecs_has_shifted_to_the_same_task_definition(
    ecs: Any, sandbox: Sandbox
) -> None:
    elb, before = client_of(sandbox, "elbv2"), service(ecs, "catalog")
    seen = sandbox.control.world["codedeploy"]["catalog"]
    _name_both(elb, seen)
    with Visitors(sandbox, PRODUCTION) as visitors:
        answer = ecs.update_service(**moved(sandbox))["service"]
        assert answer["deploymentController"] == {"type": "ECS"}
        (old,) = [each for each in answer["deployments"] if each["status"] == "ACTIVE"]
        assert (old["id"], old["runningCount"]) == (before["taskSets"][0]["id"], 2)

        (arn,) = _deployments(ecs)
        eventually(lambda: _status(ecs, arn) == "SUCCESSFUL", within=60)

    after = service(ecs, "catalog")
    assert after["taskDefinition"] == before["taskDefinition"]
    assert "taskSets" not in after or not after["taskSets"]
    assert {each["status"] for each in after["deployments"]} == {"PRIMARY"}
    (rule,) = elb.describe_rules(RuleArns=[seen["production_rule"]])["Rules"]
    shares = {each["TargetGroupArn"]: each["Weight"] for each in rule["Actions"][0]["ForwardConfig"]["TargetGroups"]}
    assert shares == {seen["target_groups"]["green"]: 100, seen["target_groups"]["blue"]: 0}
    assert set(visitors.seen) == {"1.0.0"}


def _status(ecs: Any, arn: str) -> str:
    (found,) = ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"]
    assert found["status"] not in ("STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"), found.get("statusReason")
    return str(found["status"])


def test_a_service_that_moved_is_ecss_after_a_restart_too(tmp_path: Path) -> None:
    def opened() -> Sandbox:
        return Sandbox(scale=60, listener_ports=EPHEMERAL, applications=["catalog"], state=tmp_path)

    with opened() as first:
        ecs, seen = client_of(first, "ecs"), first.control.world["codedeploy"]["catalog"]
        _name_both(client_of(first, "elbv2"), seen)
        ecs.update_service(**moved(first))
        (arn,) = _deployments(ecs)
        eventually(lambda: _status(ecs, arn) == "SUCCESSFUL")

    with opened() as second:
        ecs = client_of(second, "ecs")
        assert _deployments(ecs) == [arn]
        assert service(ecs, "catalog")["deploymentController"] == {"type": "ECS"}
        eventually(lambda: version_at(second, PRODUCTION) == "1.0.0")


def _name_both(elb: Any, seen: dict[str, Any]) -> None:
    groups = seen["target_groups"]
    both = [{"TargetGroupArn": groups[name], "Weight": share} for name, share in (("blue", 1), ("green", 0))]
    forward = [{"Type": "forward", "ForwardConfig": {"TargetGroups": both}}]
    elb.modify_listener(ListenerArn=seen["production_listener"], DefaultActions=forward)


def _deployments(ecs: Any) -> list[str]:
    listed = ecs.list_service_deployments(cluster=CLUSTER, service="catalog")["serviceDeployments"]
    return [str(each["serviceDeploymentArn"]) for each in listed]
