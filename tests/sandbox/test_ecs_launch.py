"""Where a task goes and what it starts with: capacity providers, entry points, volumes."""

from collections import Counter
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.sandbox.logs import log_of
from tests.sandbox.shop import CLUSTER, created, network, registered, run, service, steady, tasks

SPOT = [{"capacityProvider": "FARGATE_SPOT"}]
VOLUME = {"name": "data", "configuredAtLaunch": True}
DISK = {"name": "data", "managedEBSVolume": {"sizeInGiB": 1, "roleArn": "arn:aws:iam::123456789012:role/ebs"}}


def started(ecs: Any, sandbox: Sandbox, **options: Any) -> list[dict[str, Any]]:
    options = {"taskDefinition": "storefront:1", "networkConfiguration": network(sandbox)} | options
    answer = ecs.run_task(cluster=options.pop("cluster", CLUSTER), **options)
    assert answer["failures"] == []
    return list(answer["tasks"])


def test_a_task_of_a_fargate_provider_needs_no_instance(ecs: Any, sandbox: Sandbox) -> None:
    (task,) = started(ecs, sandbox, capacityProviderStrategy=SPOT)

    assert (task["launchType"], task["capacityProviderName"]) == ("FARGATE", "FARGATE_SPOT")


def test_a_strategy_is_spread_by_base_and_weight(ecs: Any, sandbox: Sandbox) -> None:
    strategy = [
        {"capacityProvider": "FARGATE", "base": 2, "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "weight": 3},
    ]
    names = [each["capacityProviderName"] for each in started(ecs, sandbox, capacityProviderStrategy=strategy, count=6)]

    assert names[:2] == ["FARGATE", "FARGATE"]
    assert Counter(names[2:]) == {"FARGATE": 1, "FARGATE_SPOT": 3}


def test_a_service_runs_on_the_providers_of_its_strategy(ecs: Any, sandbox: Sandbox) -> None:
    name = created(ecs, sandbox, capacityProviderStrategy=SPOT, launchType=None)

    shown = steady(ecs, name)
    assert shown["capacityProviderStrategy"] == SPOT
    assert "launchType" not in shown
    assert [each["capacityProviderName"] for each in tasks(ecs, serviceName=name)] == ["FARGATE_SPOT"]
    revision = ecs.describe_service_revisions(serviceRevisionArns=[shown["currentServiceRevisions"][0]["arn"]])
    assert revision["serviceRevisions"][0]["capacityProviderStrategy"] == SPOT


def test_the_strategy_of_a_cluster_counts_when_a_request_has_none(ecs: Any, sandbox: Sandbox) -> None:
    ecs.create_cluster(clusterName="spot")
    ecs.put_cluster_capacity_providers(
        cluster="spot", capacityProviders=["FARGATE_SPOT"], defaultCapacityProviderStrategy=SPOT
    )

    (task,) = started(ecs, sandbox, cluster="spot")

    assert task["capacityProviderName"] == "FARGATE_SPOT"


def test_a_task_set_goes_by_the_strategy_of_its_cluster(ecs: Any, sandbox: Sandbox) -> None:
    ecs.create_cluster(clusterName="sets", capacityProviders=["FARGATE_SPOT"], defaultCapacityProviderStrategy=SPOT)
    placed = {"taskDefinition": registered(ecs, "1.0.0"), "networkConfiguration": network(sandbox)}
    for name, controller, given in (("deployed", "CODE_DEPLOY", placed), ("external", "EXTERNAL", {})):
        controlled = {"deploymentController": {"type": controller}, "desiredCount": 1}
        ecs.create_service(cluster="sets", serviceName=name, **controlled, **given)
    ecs.create_task_set(cluster="sets", service="external", **placed)

    for each in ecs.describe_services(cluster="sets", services=["deployed", "external"])["services"]:
        (task_set,) = each["taskSets"]
        assert task_set["capacityProviderStrategy"] == SPOT
        assert "launchType" not in task_set
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="capacityProviderStrategy cannot be specified"):
        ecs.create_service(serviceName="x", **controlled, capacityProviderStrategy=SPOT, cluster="sets")


def test_a_provider_of_another_cluster_is_refused(ecs: Any, sandbox: Sandbox) -> None:
    ecs.create_cluster(clusterName="bare")

    with pytest.raises(ecs.exceptions.InvalidParameterException, match="not associated with the cluster"):
        started(ecs, sandbox, cluster="bare", capacityProviderStrategy=SPOT)
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="both a launch type and capacity provider"):
        started(ecs, sandbox, capacityProviderStrategy=SPOT, launchType="FARGATE")


def test_a_command_that_is_overridden_keeps_its_entry_point(ecs: Any, client: Any, sandbox: Sandbox) -> None:
    described = ecs.describe_task_definition(taskDefinition=registered(ecs, "1.4.0"))["taskDefinition"]
    containers = [described["containerDefinitions"][0] | {"entryPoint": ["tini", "--"], "command": ["serve"]}]

    task = run(ecs, sandbox, registered(ecs, "1.4.0", containerDefinitions=containers), ["migrate"])

    # An image for another processor says which program it was to execute.
    assert "exec tini: exec format error" in log_of(client, task)


def test_a_volume_that_is_configured_at_launch_is_asked_for(ecs: Any, sandbox: Sandbox) -> None:
    definition = registered(ecs, "1.0.0", volumes=[VOLUME])
    fargate = {"launchType": "FARGATE"}

    with pytest.raises(ecs.exceptions.InvalidParameterException, match="without a volume configuration: data"):
        started(ecs, sandbox, taskDefinition=definition, **fargate)
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="without a volume configuration: data"):
        created(ecs, sandbox, taskDefinition=definition)
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="no matching configuredAtLaunch volume"):
        started(ecs, sandbox, volumeConfigurations=[DISK], **fargate)
    assert started(ecs, sandbox, taskDefinition=definition, volumeConfigurations=[DISK], **fargate)


def test_what_a_service_is_connected_to_is_shown(ecs: Any, sandbox: Sandbox) -> None:
    connect = {"enabled": True, "namespace": "shop", "services": [{"portName": "http", "discoveryName": "web"}]}
    registry = {"registryArn": "arn:aws:servicediscovery:us-east-1:123456789012:service/srv-1"}
    definition = registered(ecs, "1.0.0", volumes=[VOLUME])
    name = created(
        ecs,
        sandbox,
        taskDefinition=definition,
        serviceConnectConfiguration=connect,
        serviceRegistries=[registry],
        volumeConfigurations=[DISK],
    )
    shown = steady(ecs, name)
    ecs.update_service(
        cluster=CLUSTER,
        service=name,
        serviceConnectConfiguration={"enabled": False},
        taskDefinition=registered(ecs, "1.0.0"),
        volumeConfigurations=[],
    )

    assert shown["serviceRegistries"] == [registry]
    deployment = shown["deployments"][0]
    assert deployment["serviceConnectConfiguration"] == connect
    assert deployment["serviceConnectResources"][0]["discoveryName"] == "web"
    assert deployment["volumeConfigurations"] == [DISK]
    newer, older = service(ecs, name)["deployments"]
    assert newer["serviceConnectConfiguration"] == {"enabled": False}
    assert older["serviceConnectConfiguration"] == connect
    deployments = ecs.list_service_deployments(cluster=CLUSTER, service=name)["serviceDeployments"]
    arns = [each["targetServiceRevisionArn"] for each in deployments]
    new, old = ecs.describe_service_revisions(serviceRevisionArns=arns)["serviceRevisions"]
    assert (old["serviceConnectConfiguration"], old["volumeConfigurations"]) == (connect, [DISK])
    assert old["serviceRegistries"] == new["serviceRegistries"] == [registry]
    assert "volumeConfigurations" not in new
