"""The demo's applications as rows: who shifts their traffic, where they run, and what there is to deploy.

`world` is what the account that the demo runs against says of itself; nothing in here asks AWS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from deployments.vocabulary import ComputePlatform, Controller, Slot, Stage, Strategy

World = Mapping[str, Any]
#: What a release is given: container to image, or the address of a bundle.
Artefact = Callable[[World, str], Mapping[str, str] | str]
Columns = Callable[[World, str], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Place:
    """One environment. `ports` are those of production and, where there is one, of the test listener."""

    name: str
    rank: int
    balancer: str
    ports: Callable[[World], tuple[int, ...]]
    gate: Stage | None = None
    gate_minutes: int = 1440
    checks: tuple[str, ...] = ()
    task: str = ""


@dataclass(frozen=True, kw_only=True)
class Shop:
    slug: str
    name: str
    description: str
    releases: Mapping[str, str]
    artefact: Artefact
    columns: Columns
    places: tuple[Place, ...]
    #: whether the release that runs can be found out by looking
    adopted: bool = True


def _image_of(repository: Callable[[World], str]) -> Artefact:
    return lambda world, version: {world["container"]: f"{repository(world)}:{version}"}


def _on_ecs(world: World) -> dict[str, Any]:
    return {"cluster": world["cluster"], "container_name": world["container"], "container_port": world["port"]}


def _pair(world: World, name: str) -> dict[str, Any]:
    seen = world["environments"][name]
    return {
        **_on_ecs(world),
        "controller": Controller.SERVICE_PAIR,
        **{f"{slot}_service": seen["services"][slot].rsplit("/", 1)[-1] for slot in Slot},
        **_two_target_groups(seen),
        "strategy": Strategy.CANARY,
        "canary_percent": 10,
        "canary_bake_seconds": 12,
        "bake_seconds": 10,
        "termination_wait_seconds": 120,
        "scale_up_timeout_seconds": 40,
    }


def _rolling(world: World, name: str) -> dict[str, Any]:
    return {
        **_on_ecs(world),
        "controller": Controller.ROLLING,
        "service": "legacy-api",
        "strategy": Strategy.ROLLING,
        "bake_seconds": 10,
        "scale_up_timeout_seconds": 60,
    }


def _native(world: World, name: str) -> dict[str, Any]:
    return {
        **_on_ecs(world),
        "controller": Controller.ECS,
        "service": "payments",
        **_two_target_groups(world["payments"]),
        "strategy": Strategy.CANARY,
        "canary_percent": 10,
        # ECS counts in whole minutes, of which the account's clock makes 12 seconds.
        "canary_bake_seconds": 60,
        "bake_seconds": 60,
        "scale_up_timeout_seconds": 60,
    }


def _code_deploy(world: World, name: str) -> dict[str, Any]:
    seen = world["codedeploy"]["catalog"]
    return {
        **_on_ecs(world),
        "controller": Controller.CODE_DEPLOY,
        "compute_platform": ComputePlatform.ECS,
        "service": seen["service"],
        "codedeploy_application": seen["application"],
        "codedeploy_group": seen["deployment_group"],
        **_two_target_groups(seen),
        "strategy": Strategy.GROUP_CONFIG,
        "scale_up_timeout_seconds": 60,
    }


def _servers(world: World, name: str) -> dict[str, Any]:
    seen = world["codedeploy"]["reports"]
    return {
        "controller": Controller.CODE_DEPLOY,
        "compute_platform": ComputePlatform.SERVER,
        "codedeploy_application": seen["application"],
        "codedeploy_group": seen["deployment_group"],
        "strategy": Strategy.GROUP_CONFIG,
    }


def _two_target_groups(seen: World) -> dict[str, Any]:
    return {
        **{f"{slot}_target_group": seen["target_groups"][slot] for slot in Slot},
        "production_rule": seen["production_rule"],
        "test_rule": seen["test_rule"],
        "alarms": "\n".join(seen["alarms"]),
    }


def _ports(*path: str) -> Callable[[World], tuple[int, ...]]:
    def found(world: World) -> tuple[int, ...]:
        seen = world
        for step in path:
            seen = seen[step]
        if "port" in seen:
            return (seen["port"],)
        return (seen["production_port"], seen["test_port"])

    return found


def _bundle(world: World, version: str) -> str:
    seen = world["codedeploy"]["reports"]
    return f"s3://{seen['bucket']}/{seen['keys'][version]}"


def storefront_place(name: str, *, rank: int, gate: Stage | None = None) -> Place:
    return Place(
        name=name,
        rank=rank,
        balancer=f"storefront-{name}",
        ports=_ports("environments", name),
        gate=gate,
        checks=("/", "/healthz"),
        task="python manage.py migrate",
    )


_STOREFRONT = _image_of(lambda world: str(world["repository_uri"]))
_CATALOG = _image_of(lambda world: str(world["codedeploy"]["catalog"]["repository_uri"]))

SHOPS = (
    Shop(
        slug="storefront",
        name="Storefront",
        description="The demo's shop: two services, and Tealgate moves the traffic between them.",
        releases={
            "1.0.0": "What runs when the demo starts.",
            "1.1.0": "A good release: it passes every check and goes all the way once somebody approves.",
            "1.2.0": "Answers a third of all requests with 500: the canary step sees it and rolls back by itself.",
            "1.3.0": "Never becomes healthy: it is given up while scaling up, before any traffic moved.",
            "1.4.0": "Built for arm64 only: preflight refuses it, because the tasks run on x86-64.",
            "1.5.0": "Its database migration fails: it is stopped before the first task of the service starts.",
            "1.6.0": "A good release too, built for amd64 and arm64.",
        },
        artefact=_STOREFRONT,
        columns=_pair,
        places=(
            storefront_place("staging", rank=10),
            storefront_place("production", rank=20, gate=Stage.POST_TEST_TRAFFIC_SHIFT),
        ),
    ),
    Shop(
        slug="legacy-api",
        name="Legacy API",
        description="One service behind one target group: ECS replaces its tasks, a few at a time.",
        releases={
            "1.0.0": "What runs when the demo starts.",
            "1.1.0": "A good release.",
            "1.3.0": "Never becomes healthy: ECS keeps the old task, and the service is put back.",
        },
        artefact=_STOREFRONT,
        columns=_rolling,
        places=(Place(name="production", rank=20, balancer="legacy-api", ports=_ports("legacy")),),
    ),
    Shop(
        slug="payments",
        name="Payments",
        description="ECS shifts the traffic itself, by canary, and waits for a gate before production.",
        releases={"1.0.0": "What runs when the demo starts.", "1.1.0": "A good release."},
        artefact=_STOREFRONT,
        columns=_native,
        places=(
            Place(
                name="production",
                rank=20,
                balancer="payments",
                ports=_ports("payments"),
                gate=Stage.POST_TEST_TRAFFIC_SHIFT,
                checks=("/healthz",),
            ),
        ),
    ),
    Shop(
        slug="catalog",
        name="Catalog",
        description="CodeDeploy shifts the traffic of an ECS service, and waits for a gate before production.",
        releases={
            "1.0.0": "What runs when the demo starts.",
            "1.1.0": "A good release.",
            "1.3.0": "Never becomes healthy: CodeDeploy is stopped, and production never noticed.",
        },
        artefact=_CATALOG,
        columns=_code_deploy,
        places=(
            Place(
                name="production",
                rank=20,
                balancer="catalog",
                ports=_ports("codedeploy", "catalog"),
                gate=Stage.PRE_PRODUCTION_TRAFFIC_SHIFT,
                # CodeDeploy itself stops waiting after an hour: the deployment group says so.
                gate_minutes=60,
                checks=("/healthz",),
            ),
        ),
    ),
    Shop(
        slug="reports",
        name="Reports",
        description="CodeDeploy installs a bundle on two servers, one after the other.",
        releases={
            "1.0.0": "What runs when the demo starts.",
            "1.1.0": "A good release.",
            "1.2.0": "Its migration fails on the first server: CodeDeploy installs the last good release again.",
        },
        artefact=_bundle,
        columns=_servers,
        places=(Place(name="production", rank=20, balancer="reports", ports=_ports("codedeploy", "reports")),),
        adopted=False,
    ),
)
