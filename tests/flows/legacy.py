"""The sandbox's plain rolling service, as an environment of the storefront: one service behind one target group."""

from typing import Any

from deployments.catalog.models import Environment
from deployments.delivery import adoption
from tests.flows.clients import client
from tests.flows.storefront import Storefront, now

NAME = "legacy-api"


def take_over(storefront: Storefront, **changes: Any) -> Storefront:
    """The same people and releases, deploying to legacy-api."""
    like, world = storefront.environment, storefront.sandbox.control.world
    urls = {entry["Port"]: entry["Url"] for entry in storefront.sandbox.load_balancers.listeners()}
    columns: dict[str, Any] = {
        "application": like.application,
        "name": NAME,
        "controller": "ROLLING",
        "strategy": "ROLLING",
        "region": like.region,
        "role_arn": like.role_arn,
        "external_id": like.external_id,
        "account_id": like.account_id,
        "cluster": like.cluster,
        "container_name": like.container_name,
        "container_port": like.container_port,
        "service": NAME,
        "production_url": urls[world["legacy"]["port"]],
        "bake_seconds": 1,
        "scale_up_timeout_seconds": 30,
        "max_5xx_percent": 5,
        "min_requests": 5,
    }
    environment = Environment.objects.create(**columns | changes)
    adoption.adopt(environment=environment, now=now())
    return Storefront(storefront.sandbox, environment)


def ecs() -> Any:
    return client("ecs")


def service(storefront: Storefront) -> dict[str, Any]:
    answer = ecs().describe_services(cluster=storefront.environment.cluster, services=[NAME])
    found: dict[str, Any] = answer["services"][0]
    return found


def image(storefront: Storefront) -> str:
    """What the tasks of the service are to run."""
    definition = ecs().describe_task_definition(taskDefinition=service(storefront)["taskDefinition"])
    found: str = definition["taskDefinition"]["containerDefinitions"][0]["image"]
    return found
