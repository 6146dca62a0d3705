"""The seeded service `payments`, whose traffic ECS shifts itself, as an environment of the storefront."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from deployments.aws.actions import StopServiceDeployment
from deployments.aws.sessions import connect
from deployments.catalog.models import Environment, GatePolicy, SmokeCheck
from deployments.vocabulary import Stage, Status
from sandbox.world.payments import configuration
from tests.flows.clients import client
from tests.flows.storefront import Storefront
from tests.sandbox.lattice import Lattice
from tests.sandbox.native import role
from tests.stack import wait_for


@contextmanager
def taken_over(storefront: Storefront, gate: Stage = Stage.POST_TEST_TRAFFIC_SHIFT) -> Iterator[Storefront]:
    """The same people and releases, deploying to payments."""
    environment = Environment.objects.create(**_columns(storefront))
    SmokeCheck.objects.create(environment=environment, path="/healthz")
    GatePolicy.objects.create(environment=environment, stage=gate)
    shop = Storefront(storefront.sandbox, environment)
    yield shop
    _stop_what_is_left(shop)


@contextmanager
def reached_by_lattice(shop: Storefront) -> Iterator[Lattice]:
    """VPC Lattice reaches the service too, until the end."""
    made, before = Lattice(shop.sandbox), configuration(shop.environment.alarms)
    _deployed_at_once(shop, [made.way(role(shop.sandbox, "elasticloadbalancing:*", "vpc-lattice:UpdateRule"))])
    client("ecs").update_service(cluster="storefront", service="payments", deploymentConfiguration=before)
    yield made
    _deployed_at_once(shop, [])
    client("ecs").update_service(cluster="storefront", service="payments", deploymentConfiguration=before)


def _deployed_at_once(shop: Storefront, ways: list[dict[str, Any]]) -> None:
    at_once = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0, "lifecycleHooks": []}
    where = {"cluster": "storefront", "service": "payments"}
    told = client("ecs").update_service(**where, deploymentConfiguration=at_once, vpcLatticeConfigurations=ways)
    arn, gateway = told["service"]["currentServiceDeployment"], connect(shop.environment.binding)
    wait_for(lambda: gateway.service_deployments([arn])[arn].status == Status.SUCCESSFUL)


def _columns(storefront: Storefront) -> dict[str, Any]:
    seen, like = storefront.sandbox.control.world["payments"], storefront.environment
    urls = {entry["Port"]: entry["Url"] for entry in storefront.sandbox.load_balancers.listeners()}
    return {
        "application": like.application,
        "name": "payments",
        "controller": "ECS",
        "region": like.region,
        "role_arn": like.role_arn,
        "external_id": like.external_id,
        "cluster": like.cluster,
        "container_name": like.container_name,
        "container_port": like.container_port,
        "service": "payments",
        "blue_target_group": seen["target_groups"]["blue"],
        "green_target_group": seen["target_groups"]["green"],
        "production_rule": seen["production_rule"],
        "test_rule": seen["test_rule"],
        "test_url": urls[seen["test_port"]],
        "production_url": urls[seen["production_port"]],
        "alarms": "\n".join(seen["alarms"]),
        "strategy": "CANARY",
        "canary_percent": 10,
        "canary_bake_seconds": 120,
        "bake_seconds": 120,
        "scale_up_timeout_seconds": 30,
        "min_requests": 5,
        "max_5xx_percent": 5,
    }


def _stop_what_is_left(shop: Storefront) -> None:
    """The deployment that somebody started in the console waits at its hook for an hour."""
    gateway = connect(shop.environment.binding)
    newest = gateway.newest_service_deployments("storefront", "payments")
    for arn, each in gateway.service_deployments(newest).items():
        if each.status in (Status.PENDING, Status.IN_PROGRESS):
            gateway.perform(StopServiceDeployment(service_deployment=arn))
