"""Services that ECS deploys to by rolling, as many as are wanted."""

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bench.shop import now
from deployments.catalog.models import Environment
from deployments.delivery import adoption
from sandbox.world import CLUSTER, balancing, services
from tests.stack import free_port

if TYPE_CHECKING:
    from bench.shop import Shop


def take_over(shop: "Shop", service: str) -> str:
    """An environment for it, watched for no time at all: a success is reported as soon as it is one."""
    like = shop.environment()
    environment = Environment.objects.create(
        application=like.application,
        name=service,
        controller="ROLLING",
        strategy="ROLLING",
        region=like.region,
        role_arn=like.role_arn,
        external_id=like.external_id,
        cluster=like.cluster,
        container_name=like.container_name,
        container_port=like.container_port,
        service=service,
        bake_seconds=0,
        scale_up_timeout_seconds=600,
    )
    adoption.adopt(environment=environment, now=now())
    return service


def build(shop: "Shop", count: int, drain: int) -> list[str]:
    """This many services with one task each, every one behind a target group and a listener of its own."""
    world = shop.stack.sandbox("world")
    network, elb, ecs = world["network"], shop.aws("elbv2"), shop.aws("ecs")
    secret = shop.aws("secretsmanager").create_secret(Name="legacy/key", SecretString="not-a-secret")["ARN"]
    balancer = balancing.load_balancer(elb, "legacy", network)
    names = [f"legacy-{number:02}" for number in range(1, count + 1)]
    for name in names:
        group = balancing.target_group(elb, name, network, drain=drain)
        balancing.forwarding_listener(elb, balancer, free_port(), group)
        definition = services.register(ecs, name, world["roles"], secret)
        services.create_service(shop.aws, name, definition, group, network, 1)
    for name in names:
        settle(shop, name)
    return names


def read(shop: "Shop", service: str) -> dict[str, Any]:
    found: dict[str, Any] = shop.aws("ecs").describe_services(cluster=CLUSTER, services=[service])["services"][0]
    return found


def settle(shop: "Shop", service: str, within: float = 180) -> None:
    """Until it is as it should be and nothing moves."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        deployments = read(shop, service)["deployments"]
        if len(deployments) == 1 and deployments[0]["rolloutState"] == "COMPLETED":
            return
        time.sleep(0.1)
    raise TimeoutError(f"{service} does not settle")


def when(shop: "Shop", service: str, words: str, since: datetime) -> datetime:
    """When ECS first said so, by its own clock, which is this machine's."""
    events = read(shop, service)["events"]
    said: list[datetime] = [e["createdAt"] for e in events if words in e["message"] and e["createdAt"] > since]
    if not said:
        raise LookupError(f"{service} never said “{words}”.")
    return min(said)
