"""The seeded account: a shop called storefront with production and staging, ready to be deployed to, and two services
beside it: one that rolls, and one that ECS itself deploys to by canary. CodeDeploy deploys a catalog, on ECS, and
reports, on instances. On request there are a landing page in Express Mode
and a booking page behind a gateway.

Built through the API like any other account, so that nothing here knows more than a client would.
"""

from collections.abc import Callable, Collection
from typing import Any

from sandbox.account import ACCOUNT, REGION
from sandbox.images.registry import ecr_host
from sandbox.world.booking import booking
from sandbox.world.catalog import catalog
from sandbox.world.codedeploy_roles import create_codedeploy_role
from sandbox.world.events import event_queue
from sandbox.world.landing import landing
from sandbox.world.names import (
    APPLICATIONS,
    BOOKING,
    BOOKING_HEADER,
    CLUSTER,
    ENVIRONMENTS,
    EXTERNAL_ID,
    IMAGES,
    LANDING,
    LEGACY_PORT,
    LISTENER_PORTS,
    LOG_GROUP,
    Client,
)
from sandbox.world.network import create_network
from sandbox.world.payments import payments
from sandbox.world.reports import reports
from sandbox.world.roles import create_roles
from sandbox.world.services import environment, legacy, register

__all__ = [
    "APPLICATIONS",
    "BOOKING",
    "BOOKING_HEADER",
    "CLUSTER",
    "ENVIRONMENTS",
    "LANDING",
    "LEGACY_PORT",
    "LISTENER_PORTS",
    "LOG_GROUP",
    "build",
    "environment",
]


def build(
    client: Client,
    push: Callable[[dict[str, Any]], Any],
    url: str,
    applications: Collection[str] = APPLICATIONS,
    region: str = REGION,
) -> dict[str, Any]:
    """Create what these applications need and return its names and ARNs. ``region`` is where the client makes it."""
    network = create_network(client("ec2"))
    roles = create_roles(client("iam"), region)
    client("ecr").create_repository(repositoryName="storefront")
    for image in IMAGES:
        push({"repository": "storefront"} | image)
    client("logs").create_log_group(logGroupName=LOG_GROUP)
    secret = client("secretsmanager").create_secret(Name="storefront/django-secret-key", SecretString="not-a-secret")
    ecs = client("ecs")
    cluster = ecs.create_cluster(clusterName=CLUSTER, capacityProviders=["FARGATE", "FARGATE_SPOT"])["cluster"][
        "clusterArn"
    ]
    task_definition = register(ecs, "storefront", roles, secret["ARN"])
    environments = {
        name: environment(client, name, network, task_definition, *ports_and_count)
        for name, ports_and_count in ENVIRONMENTS.items()
        if "storefront" in applications
    }
    world: dict[str, Any] = {
        "account": ACCOUNT,
        "region": region,
        "endpoint": url,
        "cluster": CLUSTER,
        "cluster_arn": cluster,
        "external_id": EXTERNAL_ID,
        "roles": roles,
        "repository": "storefront",
        "repository_uri": f"{ecr_host(region)}/storefront",
        "versions": [image["tag"] for image in IMAGES],
        "log_group": LOG_GROUP,
        "network": network,
        "container": "web",
        "port": 8000,
        "task_definition": task_definition,
        "environments": environments,
    }
    if "legacy-api" in applications:
        world["legacy"] = legacy(client, network, roles, secret["ARN"])
    if "payments" in applications:
        world["payments"] = payments(client, network, roles, secret["ARN"])
    if LANDING in applications:
        world["landing"] = landing(client, network, roles)
    if BOOKING in applications:
        world["booking"] = booking(client, network, roles, secret["ARN"])
    codedeploy_role = create_codedeploy_role(client("iam"))
    world["codedeploy"] = {"service_role": codedeploy_role}
    if "catalog" in applications:
        world["codedeploy"]["catalog"] = catalog(client, push, world, codedeploy_role)
    if "reports" in applications:
        world["codedeploy"]["reports"] = reports(client, network, codedeploy_role)
    world["events"] = event_queue(client)
    return world
