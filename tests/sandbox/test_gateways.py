"""Services behind a gateway: no load balancer of their own, and shifted all the same."""

import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.images.registry import ecr_host
from sandbox.server import Sandbox
from sandbox.world import BOOKING, BOOKING_HEADER
from tests.sandbox.conftest import eventually
from tests.sandbox.express import answers
from tests.sandbox.native import FAST
from tests.sandbox.shop import CLUSTER, network


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(scale=FAST, applications=("storefront", BOOKING)) as running:
        yield running


def _service(sandbox: Sandbox) -> dict[str, Any]:
    ecs = sandbox.client("ecs")
    return dict(ecs.describe_services(cluster=CLUSTER, services=[BOOKING])["services"][0])


def _deployment(sandbox: Sandbox) -> dict[str, Any]:
    arn = _service(sandbox)["currentServiceDeployment"]
    return dict(
        sandbox.client("ecs").describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]
    )


def _tried(sandbox: Sandbox) -> str:
    seeded = sandbox.control.world[BOOKING]
    listeners = sandbox.load_balancers.listeners()
    url = next(each["Url"] for each in listeners if each["ListenerArn"] == seeded["listener"])
    asked = urllib.request.Request(  # noqa: S310
        f"{url}/", headers={"Host": seeded["host"], BOOKING_HEADER[0]: BOOKING_HEADER[1]}
    )
    with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310
        return str(answer.headers["X-Version"])


def test_a_service_answers_by_the_name_that_its_gateway_gave_it_and_has_no_load_balancer(sandbox: Sandbox) -> None:
    seeded = sandbox.control.world[BOOKING]
    eventually(lambda: _deployment(sandbox)["status"] == "SUCCESSFUL")

    assert answers(sandbox, seeded["listener"], seeded["host"]) in ("1.0.0", "1.1.0")
    assert answers(sandbox, seeded["listener"], "somebody.else") == "HTTP 404"
    assert _service(sandbox)["loadBalancers"] == []
    assert "gatewayConnectors" not in _service(sandbox)  # as in AWS's model: the revision has them
    ecs = sandbox.client("ecs")
    revision = _service(sandbox)["currentServiceRevisions"][0]["arn"]
    shown = ecs.describe_service_revisions(serviceRevisionArns=[revision])["serviceRevisions"][0]
    assert shown["gatewayConnectors"][0]["portName"] == "http"
    connection = shown["ecsManagedResources"]["gatewayConnections"][0]
    route = ecs.describe_gateway_route(gatewayRouteArn=connection["gatewayRouteArn"])["gatewayRoute"]
    assert route["resources"]["hostSharedAlb"][0]["listenerRuleArn"] == seeded["production_rule"]
    assert route["resources"]["hostSharedAlb"][0]["testListenerRuleArns"] == [seeded["test_rule"]]


def test_the_header_reaches_the_new_revision_before_production_does(sandbox: Sandbox) -> None:
    ecs, seeded = sandbox.client("ecs"), sandbox.control.world[BOOKING]
    eventually(lambda: _deployment(sandbox)["status"] == "SUCCESSFUL")
    shown = ecs.describe_task_definition(taskDefinition=BOOKING)["taskDefinition"]
    container = shown["containerDefinitions"][0] | {"image": f"{ecr_host(sandbox.region)}/storefront:1.1.0"}
    kept = ("family", "networkMode", "requiresCompatibilities", "cpu", "memory", "executionRoleArn", "taskRoleArn")
    made = ecs.register_task_definition(**{name: shown[name] for name in kept}, containerDefinitions=[container])[
        "taskDefinition"
    ]["taskDefinitionArn"]
    pause = {"targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"]}

    ecs.update_service(
        cluster=CLUSTER, service=BOOKING, taskDefinition=made, deploymentConfiguration={"lifecycleHooks": [pause]}
    )
    eventually(lambda: _deployment(sandbox)["lifecycleHookDetails"])
    assert (answers(sandbox, seeded["listener"], seeded["host"]), _tried(sandbox)) == ("1.0.0", "1.1.0")

    hook = _deployment(sandbox)["lifecycleHookDetails"][0]["hookId"]
    ecs.continue_service_deployment(
        serviceDeploymentArn=_service(sandbox)["currentServiceDeployment"], hookId=hook, action="CONTINUE"
    )
    eventually(lambda: _deployment(sandbox)["status"] == "SUCCESSFUL")
    assert answers(sandbox, seeded["listener"], seeded["host"]) == "1.1.0"


def test_what_a_gateway_cannot_serve_is_refused(sandbox: Sandbox) -> None:
    ecs = sandbox.client("ecs")
    wanted: dict[str, Any] = {
        "cluster": CLUSTER,
        "serviceName": "other",
        "taskDefinition": BOOKING,
        "networkConfiguration": network(sandbox),
    }

    with pytest.raises(ClientError, match="port name grpc isn't defined"):
        ecs.create_service(**wanted, gatewayConnectors=[{"portName": "grpc"}])
    inside = [{"portName": "http", "filters": {"accessTypes": ["PRIVATE"]}}]
    with pytest.raises(ClientError, match="isn't associated with a gateway that matches"):
        ecs.create_service(**wanted, gatewayConnectors=inside)
    with pytest.raises(ClientError, match="does not move a service from or to a gateway"):
        ecs.update_service(cluster=CLUSTER, service=BOOKING, gatewayConnectors=[])
    with pytest.raises(ClientError, match="already exists"):
        ecs.create_gateway(name=f"{CLUSTER}-gateway", infrastructureRoleArn="x", configuration={"hostSharedAlb": {}})


def test_a_gateway_is_described_and_what_it_made_goes_with_the_service(sandbox: Sandbox) -> None:
    ecs, elb, seeded = sandbox.client("ecs"), sandbox.client("elbv2"), sandbox.control.world[BOOKING]
    shown = ecs.describe_gateway(gateway=seeded["gateway"])["gateway"]
    assert (shown["status"], shown["accessType"], shown["configuration"]["hostSharedAlb"]["port"]) == (
        "ACTIVE", "PUBLIC", 443,
    )  # fmt: skip

    before = _rules(elb, seeded["listener"])
    ecs.create_service(
        cluster=CLUSTER,
        serviceName="leaving",
        taskDefinition=BOOKING,
        networkConfiguration=network(sandbox),
        gatewayConnectors=[{"portName": "http"}],
        desiredCount=0,
    )
    made = _rules(elb, seeded["listener"]) - before
    ecs.delete_service(cluster=CLUSTER, service="leaving")

    assert len(made) == 2
    assert _rules(elb, seeded["listener"]) == before
    with pytest.raises(ClientError):
        ecs.describe_gateway_route(gatewayRouteArn=seeded["gateway"].replace(":gateway/", ":gateway-route/") + "/x/y")


def _rules(elb: Any, listener: str) -> set[str]:
    return {each["RuleArn"] for each in elb.describe_rules(ListenerArn=listener)["Rules"]}
