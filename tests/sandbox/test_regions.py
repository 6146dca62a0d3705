"""Every region has resources of its own, whatever is called alike elsewhere; what is in one works like in any other."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.server import Sandbox
from sandbox.world import CLUSTER, LOG_GROUP
from sandbox.world.catalog import catalog
from sandbox.world.network import create_network
from sandbox.world.services import register
from tests.sandbox.conftest import EPHEMERAL, client_of, eventually
from tests.sandbox.releases import AT_ONCE, GROUP, configure, deployed, info, reached, task_definition
from tests.sandbox.shop import tasks

SEOUL = "ap-northeast-2"
Client = Callable[[str], Any]
LISTS: dict[str, Callable[[Client], Any]] = {
    "ecs": lambda client: client("ecs").list_clusters()["clusterArns"],
    "ecs families": lambda client: client("ecs").list_task_definition_families()["families"],
    "ecr": lambda client: client("ecr").describe_repositories()["repositories"],
    "elbv2": lambda client: client("elbv2").describe_target_groups()["TargetGroups"],
    "elbv2 balancers": lambda client: client("elbv2").describe_load_balancers()["LoadBalancers"],
    "codedeploy": lambda client: client("codedeploy").list_applications()["applications"],
    "cloudwatch": lambda client: client("cloudwatch").describe_alarms()["MetricAlarms"],
    "metrics": lambda client: client("cloudwatch").list_metrics(Namespace="AWS/ApplicationELB")["Metrics"],
    "logs": lambda client: client("logs").describe_log_groups()["logGroups"],
    "sqs": lambda client: client("sqs").list_queues().get("QueueUrls", []),
    "events": lambda client: client("events").list_rules()["Rules"],
    "secretsmanager": lambda client: client("secretsmanager").list_secrets()["SecretList"],
    "autoscaling": lambda client: client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"],
    "application-autoscaling": lambda client: client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="ecs"
    )["ScalableTargets"],
    "ec2": lambda client: client("ec2").describe_instances()["Reservations"],
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(scale=60, listener_ports=EPHEMERAL, applications=("storefront", "catalog", "reports")) as running:
        yield running


@pytest.fixture
def seoul(sandbox: Sandbox) -> Client:
    return partial(client_of, sandbox, region=SEOUL)


@pytest.fixture(scope="module")
def made(sandbox: Sandbox) -> dict[str, Any]:
    """The catalog, a second time, by the same names."""
    client = partial(client_of, sandbox, region=SEOUL)
    world = sandbox.control.world
    client("ecs").create_cluster(clusterName=CLUSTER)
    client("logs").create_log_group(logGroupName=world["log_group"])
    secret = client("secretsmanager").create_secret(Name="storefront/django-secret-key", SecretString="of Seoul")["ARN"]
    definition = register(client("ecs"), "storefront", world["roles"], secret)
    place = {"network": create_network(client("ec2")), "task_definition": definition, "cluster": CLUSTER}
    role = world["codedeploy"]["service_role"]
    return catalog(client, lambda image: sandbox.push(image | {"region": SEOUL}), place | {"region": SEOUL}, role)


@pytest.mark.parametrize("of", LISTS)
def test_nothing_of_the_seeded_region_is_in_another(sandbox: Sandbox, of: str) -> None:
    eventually(lambda: LISTS[of](partial(client_of, sandbox)))  # the metrics come with the first health checks

    assert LISTS[of](partial(client_of, sandbox, region="eu-central-1")) == []


def test_codedeploy_deploys_to_a_service_of_its_own_region_only(
    sandbox: Sandbox, seoul: Client, made: dict[str, Any]
) -> None:
    ecs, codedeploy = seoul("ecs"), seoul("codedeploy")
    eventually(lambda: _versions(sandbox, made) == {"1.0.0"})
    configure(codedeploy, gate=60, wait=1)
    number = deployed(codedeploy, task_definition(ecs, "1.1.0"), AT_ONCE)
    reached(codedeploy, number, "Ready")
    codedeploy.continue_deployment(deploymentId=number, deploymentWaitType="READY_WAIT")
    reached(codedeploy, number, "Succeeded")

    assert _versions(sandbox, made) == {"1.1.0"}
    target = codedeploy.list_deployment_targets(deploymentId=number)["targetIds"][0]
    told = codedeploy.get_deployment_target(deploymentId=number, targetId=target)["deploymentTarget"]["ecsTarget"]
    assert told["targetArn"].startswith(f"arn:aws:ecs:{SEOUL}:")
    here = sandbox.client("codedeploy")
    assert here.list_deployments(**GROUP)["deployments"] == []
    with pytest.raises(ClientError, match="DeploymentDoesNotExist"):
        info(here, number)
    (task, *_) = tasks(ecs, serviceName="catalog")
    assert task["availabilityZone"].startswith(SEOUL)
    assert task["taskArn"].startswith(f"arn:aws:ecs:{SEOUL}:")


def _versions(sandbox: Sandbox, made: dict[str, Any]) -> set[str]:
    """What the targets that get traffic run."""
    (listener,) = (
        each for each in sandbox.load_balancers.listeners() if each["ListenerArn"] == made["production_listener"]
    )
    live = {arn for arn, weight in listener["Weights"].items() if weight}
    definitions = client_of(sandbox, "ecs", region=SEOUL)
    service = definitions.describe_services(cluster=CLUSTER, services=["catalog"])["services"][0]
    return {
        _image(definitions, each["taskDefinition"])
        for each in service["taskSets"]
        if each["loadBalancers"][0]["targetGroupArn"] in live and each["stabilityStatus"] == "STEADY_STATE"
    }


def _image(ecs: Any, definition: str) -> str:
    described = ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]
    return str(described["containerDefinitions"][0]["image"].rpartition(":")[2])


def test_a_group_is_not_made_of_what_another_region_has(sandbox: Sandbox, seoul: Client, made: dict[str, Any]) -> None:
    here, there = sandbox.control.world["codedeploy"]["catalog"], made
    group = seoul("codedeploy").get_deployment_group(**GROUP)["deploymentGroupInfo"]
    (pair,) = group["loadBalancerInfo"]["targetGroupPairInfoList"]
    assert pair["prodTrafficRoute"]["listenerArns"] == [there["production_listener"]]
    abroad = pair | {"prodTrafficRoute": {"listenerArns": [here["production_listener"]]}}

    with pytest.raises(ClientError, match="cannot be found"):
        seoul("codedeploy").update_deployment_group(
            applicationName="catalog",
            currentDeploymentGroupName="production",
            loadBalancerInfo={"targetGroupPairInfoList": [abroad]},
        )


def test_a_task_logs_to_its_region_and_knows_its_secret(sandbox: Sandbox, seoul: Client, made: dict[str, Any]) -> None:
    eventually(lambda: tasks(seoul("ecs"), serviceName="catalog"))
    streams = eventually(lambda: seoul("logs").describe_log_streams(logGroupName=LOG_GROUP)["logStreams"])
    running = {each["taskArn"].rpartition("/")[2] for each in tasks(seoul("ecs"), serviceName="catalog")}

    assert running <= {each["logStreamName"].rpartition("/")[2] for each in streams}
    at_home = sandbox.client("logs").describe_log_streams(logGroupName=LOG_GROUP)["logStreams"]
    assert not running & {each["logStreamName"].rpartition("/")[2] for each in at_home}


def test_what_ecs_makes_or_misses_is_named_by_its_region(sandbox: Sandbox, seoul: Client) -> None:
    ecs = seoul("ecs")
    here, there = (client("servicediscovery").list_namespaces for client in (sandbox.client, seoul))
    made = ecs.create_cluster(clusterName="named", serviceConnectDefaults={"namespace": "market"})["cluster"]

    assert [each["Arn"] for each in there()["Namespaces"]] == [made["serviceConnectDefaults"]["namespace"]]
    assert here()["Namespaces"] == []
    missed = ecs.describe_capacity_providers(capacityProviders=["FARGATE", "no"])
    unprotected = ecs.get_task_protection(cluster="named", tasks=["0" * 32])["failures"]
    arns = [missed["capacityProviders"][0]["capacityProviderArn"], missed["failures"][0]["arn"], unprotected[0]["arn"]]
    assert {arn.split(":")[3] for arn in arns} == {SEOUL}


def test_a_region_that_aws_does_not_have_is_refused(sandbox: Sandbox) -> None:
    for service, ask in (("ecs", "list_clusters"), ("codedeploy", "list_applications"), ("elbv2", "describe_rules")):
        with pytest.raises(ClientError, match="Credential should be scoped to a valid region"):
            getattr(client_of(sandbox, service, region="mars-north-1"), ask)()
