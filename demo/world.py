"""The demo's applications as rows: who shifts their traffic, where they run, and what there is to deploy.

`world` is what the account that the demo runs against says of itself; nothing in here asks AWS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from demo import columns
from demo.columns import Artefact, World
from deployments.vocabulary import Stage

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
    #: why nobody has to approve there, where it has no gate
    no_gate_because: str = ""
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
    #: whether the release that runs can be found out when the demo starts
    adopted: bool = True


def storefront_place(name: str, *, rank: int, gate: Stage | None = None, no_gate_because: str = "") -> Place:
    return Place(
        name=name,
        rank=rank,
        balancer=f"storefront-{name}",
        ports=columns.ports("environments", name),
        gate=gate,
        no_gate_because=no_gate_because,
        checks=("/", "/healthz"),
        task="python manage.py migrate",
    )


_STOREFRONT = columns.image_of(lambda world: str(world["repository_uri"]))
_CATALOG = columns.image_of(lambda world: str(world["codedeploy"]["catalog"]["repository_uri"]))

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
        columns=columns.pair,
        places=(
            storefront_place("staging", rank=10, no_gate_because="Staging is where releases are tried out"),
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
        columns=columns.rolling,
        places=(
            Place(
                name="production",
                rank=20,
                balancer="legacy-api",
                ports=columns.ports("legacy"),
                no_gate_because="Only our own pages call it, and its pipeline tests them with it",
            ),
        ),
    ),
    Shop(
        slug="payments",
        name="Payments",
        description="ECS shifts the traffic itself, by canary, and waits for a gate before production.",
        releases={"1.0.0": "What runs when the demo starts.", "1.1.0": "A good release."},
        artefact=_STOREFRONT,
        columns=columns.native,
        places=(
            Place(
                name="production",
                rank=20,
                balancer="payments",
                ports=columns.ports("payments"),
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
        columns=columns.code_deploy,
        places=(
            Place(
                name="production",
                rank=20,
                balancer="catalog",
                ports=columns.ports("codedeploy", "catalog"),
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
        artefact=columns.bundle,
        columns=columns.servers,
        places=(
            Place(
                name="production",
                rank=20,
                balancer="reports",
                ports=columns.ports("codedeploy", "reports"),
                no_gate_because="Used at night only, and each server is checked before the next",
            ),
        ),
        adopted=False,
    ),
)
