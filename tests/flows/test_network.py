"""ECS's own canary behind a Network Load Balancer, read from AWS and held by a gate, with real traffic."""

import json
from collections.abc import Iterator

import pytest

from deployments.catalog.discovery import discover, environment_from
from deployments.catalog.models import Application, GatePolicy
from deployments.catalog.releases import register_release
from deployments.delivery.adoption import adopt
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from sandbox.world.names import CLUSTER, DEPLOYER
from sandbox.world.policies import filled
from sandbox.world.services import network_configuration
from tests.flows.storefront import Storefront, now
from tests.flows.traffic import Traffic
from tests.sandbox.native import role
from tests.stack import wait_for

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
APPLICATIONS = ("storefront",)
NAME = "storefront-network"
PORTS = (9443, 9444)
#: AWS seconds that outlast any test here.
LONG = 10_800


@pytest.fixture
def behind(storefront: Storefront) -> Iterator[Storefront]:
    """A service with one listener for production and one for tests, each with one target group."""
    sandbox, world = storefront.sandbox, storefront.sandbox.control.world
    elb, ecs, iam, network = (*(sandbox.client(each) for each in ("elbv2", "ecs", "iam")), world["network"])
    balancer = elb.create_load_balancer(Name=NAME, Type="network", Subnets=network["subnets"])["LoadBalancers"][0]
    blue, green = (
        elb.create_target_group(
            Name=f"{NAME}-{slot}", Protocol="TCP", Port=8000, VpcId=network["vpc"], TargetType="ip",
            HealthCheckProtocol="HTTP", HealthCheckPath="/healthz", HealthCheckIntervalSeconds=10,
        )["TargetGroups"][0]["TargetGroupArn"]
        for slot in ("blue", "green")
    )  # fmt: skip
    production, test = (
        elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="TCP", Port=port,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )["Listeners"][0]["ListenerArn"]
        for port, group in zip(PORTS, (blue, green), strict=True)
    )  # fmt: skip
    roles = world["roles"]
    advanced = {
        "alternateTargetGroupArn": green,
        "productionListenerRule": production,
        "testListenerRule": test,
        "roleArn": role(sandbox),
    }
    place = {"targetGroupArn": blue, "containerName": "web", "containerPort": 8000}
    made = ecs.create_service(
        cluster=CLUSTER,
        serviceName=NAME,
        taskDefinition=world["task_definition"],
        desiredCount=2,
        launchType="FARGATE",
        loadBalancers=[{**place, "advancedConfiguration": advanced}],
        networkConfiguration=network_configuration(network),
        healthCheckGracePeriodSeconds=30,
        deploymentConfiguration={"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0},
    )["service"]["currentServiceDeployment"]

    def status() -> str:
        shown = ecs.describe_service_deployments(serviceDeploymentArns=[made])["serviceDeployments"]
        return str(shown[0]["status"])

    wait_for(lambda: status() == "SUCCESSFUL")
    passed = {f"{name}_role": roles[name] for name in ("task", "execution", "infrastructure")}
    names = {"service": NAME, "family": "storefront", "production_rule": production, "test_rule": test}
    policy = json.dumps(filled("ecs", region=sandbox.region, **passed, **names))
    iam.put_role_policy(RoleName=DEPLOYER, PolicyName=NAME, PolicyDocument=policy)
    yield _taken_over(storefront)
    iam.delete_role_policy(RoleName=DEPLOYER, PolicyName=NAME)
    ecs.delete_service(cluster=CLUSTER, service=NAME, force=True)


def _taken_over(storefront: Storefront) -> Storefront:
    like, world = storefront.environment, storefront.sandbox.control.world
    application = Application.objects.create(name="Network", slug="network")
    where = {"region": like.region, "role_arn": like.role_arn, "external_id": like.external_id}
    proposal = discover(**where, cluster=CLUSTER, service=NAME, now=now())
    environment = environment_from(proposal, application=application, name="production")
    environment.canary_percent, environment.canary_bake_seconds, environment.bake_seconds = 10, LONG, 60
    environment.scale_up_timeout_seconds = 60
    environment.save()
    GatePolicy.objects.create(environment=environment, stage=Stage.POST_TEST_TRAFFIC_SHIFT)
    shop = Storefront(storefront.sandbox, environment)
    for version in ("1.0.0", "1.1.0"):
        register_release(
            application=application,
            version=version,
            principal=Principal.person(shop.manager),
            now=now(),
            images={"web": f"{world['repository_uri']}:{version}"},
        )
    adopt(environment=environment, now=now())
    return shop


def test_its_canary_is_followed_by_the_listener_s_weights_without_a_lost_request(behind: Storefront) -> None:
    environment = behind.environment
    assert (environment.controller, environment.strategy) == ("ECS", "BLUE_GREEN")
    assert ":listener/net/" in environment.production_rule
    listeners = behind.sandbox.load_balancers.listeners()
    url = next(each["Url"] for each in listeners if each["ListenerArn"] == environment.production_rule)

    with Traffic(url) as traffic:
        deployment = behind.deploy("1.1.0")
        behind.approve(deployment)
        behind.go(deployment, lambda d: d.percent == 10 or d.is_terminal)
        behind.sandbox.skip(LONG)
        behind.finish(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert (traffic.newest, traffic.lost) == ("1.1.0", 0)
