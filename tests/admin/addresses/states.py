"""Deployments in the states that pages show: each of an application of its own, as the engine left it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from deployments.catalog.models import Application, Environment
from deployments.delivery import turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import DeploymentKind, Stage, Status
from tests.delivery.engine import express_world, scheduled_world
from tests.delivery.engine.beginning_world import begun, connected
from tests.delivery.engine.rolling_world import api, make_rolling_world
from tests.delivery.engine.world import Clock, World, make_world
from tests.fakes.aws import API, SHOP

SICK = ("unhealthy", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [400]")
DENIED = (
    "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/tealgate-deployer/tealgate is not authorized "
    "to perform: ecs:UpdateService on resource: arn:aws:ecs:eu-central-1:123456789012:service/shop/web"
)
#: The longest names are those that break a page.
LONG = "Storefront of the northern countries"


def _own(name: str) -> dict[str, Any]:
    return {"application": Application.objects.create(name=name, slug=name.lower().replace(" ", "-"))}


def _now(world: World) -> World:
    """Pages ask the real clock."""
    world.clock = Clock(timezone.now())
    return world


def every_state(patch: pytest.MonkeyPatch) -> dict[str, Deployment]:
    made: dict[str, Callable[[], Deployment]] = {
        "shifting": shifting,
        "warm": warm,
        "rolled back": rolled_back,
        "roll back failed": failed,
        "first release": lambda: first_release(patch),
        "repair": lambda: repair(patch),
        "scheduled tasks": scheduled,
        "express": express,
    }
    return {name: _moved_away(make()) for name, make in made.items()}


def _moved_away(deployment: Deployment) -> Deployment:
    """What the next one is deployed to is called the same, which is in another region then."""
    Environment.objects.filter(pk=deployment.environment_id).update(region=f"us-test-{deployment.pk}")
    return deployment


def shifting() -> Deployment:
    world = _now(make_world(**_own("Shifting"), max_latency_ms=200))
    deployment = world.run(world.request())
    world.approve(deployment)
    return world.advance(deployment)


def warm() -> Deployment:
    world = _now(make_world(gate=False, **_own(LONG), termination_wait_seconds=3600))
    deployment = world.request("BLUE_GREEN")
    while not deployment.is_warm:
        world.clock.forward(seconds=5)
        world.advance(deployment)
    return deployment


def rolled_back() -> Deployment:
    world = _now(make_world(gate=False, **_own("Rolled back")))
    deployment = world.request("BLUE_GREEN")
    world.run(deployment, until=Stage.BAKE_TIME)
    world.aws.set_health(SHOP.task_definition(2), *SICK)
    world.aws.alarm(SHOP.alarm, "ALARM", "Threshold Crossed: 3 datapoints were greater than the threshold (1.0)")
    return world.run(deployment)


def failed() -> Deployment:
    """Its way back."""
    world = _now(make_world(gate=False, **_own("Roll back failed")))
    deployment = world.run(world.request("BLUE_GREEN"), until=Stage.BAKE_TIME)
    turning_back.roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)
    Deployment.objects.filter(pk=deployment.pk).update(status=Status.ROLLBACK_FAILED, status_reason=DENIED)
    return deployment


def first_release(patch: pytest.MonkeyPatch) -> Deployment:
    """Bad, and nothing to go back to."""
    world = _now(connected(make_rolling_world(first_desired=3, **_own("First")), patch))
    api(world).desired = api(world).running = 0
    world.aws.set_health(API.task_definition(revision=2), *SICK)
    return world.run(begun(world, DeploymentKind.FIRST))


def repair(patch: pytest.MonkeyPatch) -> Deployment:
    """At its gate."""
    world = _now(connected(make_world(**_own("Repaired")), patch))
    world.aws.set_health(SHOP.task_definition(), *SICK)
    world.aws.alarm(SHOP.alarm, "ALARM", "no healthy host")
    return world.run(begun(world, DeploymentKind.REPAIR))


def scheduled() -> Deployment:
    world = _now(scheduled_world.make_scheduled_pair(**_own("Scheduled"), gate=False))
    return world.run(world.request("BLUE_GREEN"))


def express() -> Deployment:
    world = _now(express_world.make_express_world(**_own("Landing")))
    deployment = world.run(world.request())
    world.approve(deployment)
    world.run(deployment, until=Stage.SCALE_UP)
    express_world.ecs_has_shifted(5)(world, deployment)
    for _ in range(4):
        world.clock.forward(seconds=10)
        world.advance(deployment)
    return deployment
