"""ECS's own shift behind a Network Load Balancer: listeners stand where rules do, each with one group at first."""

import uuid
from collections.abc import Iterator

import pytest

from sandbox.server import Sandbox
from tests.sandbox.native import FAST, PRODUCTION, TEST, Native, role
from tests.sandbox.shop import CLUSTER, network, registered


class BehindNetwork(Native):
    def __init__(self, sandbox: Sandbox, **configuration: object) -> None:
        self.sandbox = sandbox
        self.ecs, self.elb = sandbox.client("ecs"), sandbox.client("elbv2")
        self.name = f"network-{uuid.uuid4().hex[:6]}"
        where = sandbox.control.world["network"]
        made = self.elb.create_load_balancer(Name=self.name, Type="network", Subnets=where["subnets"])
        self.balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
        self.blue, self.green = (
            self.elb.create_target_group(
                Name=f"{self.name}-{slot}", Protocol="TCP", Port=8000, VpcId=where["vpc"], TargetType="ip",
                HealthCheckProtocol="HTTP", HealthCheckPath="/healthz", HealthCheckIntervalSeconds=10,
            )["TargetGroups"][0]["TargetGroupArn"]
            for slot in ("blue", "green")
        )  # fmt: skip
        self.production, self.test = (
            self.elb.create_listener(
                LoadBalancerArn=self.balancer,
                Protocol="TCP",
                Port=port,
                DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
            )["Listeners"][0]["ListenerArn"]
            for port, group in ((PRODUCTION, self.blue), (TEST, self.green))
        )
        self.role = role(sandbox)
        self.ecs.create_service(
            cluster=CLUSTER,
            serviceName=self.name,
            taskDefinition=registered(self.ecs, "1.0.0"),
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration=network(sandbox),
            loadBalancers=[self.load_balancer()],
            deploymentConfiguration=configuration,
        )
        self.first = self.current()
        self.until(self.first, "SUCCESSFUL")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(scale=FAST, applications=("storefront",)) as running:
        yield running


def test_a_canary_shifts_the_listener_s_own_weights_and_loses_no_request(sandbox: Sandbox) -> None:
    canary = {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 1}
    shop = BehindNetwork(sandbox, strategy="CANARY", canaryConfiguration=canary, bakeTimeInMinutes=1)
    assert ":listener/net/" in shop.production
    with shop.traffic() as seen:
        shop.until(shop.deploy("1.1.0"), "SUCCESSFUL")

    assert set(seen) == {"1.0.0", "1.1.0"}
    assert shop.version_at(PRODUCTION) == "1.1.0"
    (listener,) = shop.elb.describe_listeners(ListenerArns=[shop.production])["Listeners"]
    shares = listener["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]
    assert {each["TargetGroupArn"]: each["Weight"] for each in shares} == {shop.green: 100, shop.blue: 0}
