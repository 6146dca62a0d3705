"""What AWS or somebody beside made of a deployment is never green, though each of its calls went well."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from deployments.delivery.models import Deployment
from tests.client.conftest import Server, Tealgate
from tests.delivery.engine.rolling_world import api, make_rolling_world
from tests.delivery.engine.world import Clock, World
from tests.fakes.aws import API

DEPLOY = ("deploy", "shop/production", "1.1.0", "--json")


@pytest.fixture
def world(requester: User, approver: User) -> World:
    """One service whose tasks ECS replaces."""
    found = make_rolling_world()
    found.clock = Clock(timezone.now())  # the door asks the real one
    return found


def updated(world: World) -> Deployment:
    """UpdateService was sent, and ECS has not replaced a task yet."""
    world.aws.scale_after = 100
    deployment = Deployment.objects.get()
    for _ in range(20):
        if "update" in world.advance(deployment).facts.get("done", ()):
            return deployment
        world.clock.now = max(world.clock.now, deployment.next_check_at or world.clock.now)
    raise AssertionError(deployment.waiting_for)


def turned_back_by_ecs(world: World) -> None:
    deployment = updated(world)
    api(world).update(task_definition=API.task_definition(1), desired=None, lag=0)
    api(world).rollout_reason = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1."
    world.clock.forward(seconds=20)
    world.run(deployment)


def scaled_to_0_meanwhile(world: World) -> None:
    deployment = updated(world)
    world.aws.scale_after = 0
    api(world).desired = api(world).running = 0
    world.clock.forward(seconds=20)
    world.run(deployment)


@pytest.mark.parametrize("done_to_it", [turned_back_by_ecs, scaled_to_0_meanwhile])
def test_what_is_done_to_it_beside_is_red(
    world: World, server: Server, tealgate: Tealgate, done_to_it: Callable[[World], None]
) -> None:
    server.meanwhile = lambda: done_to_it(world)

    done = tealgate(*DEPLOY)

    assert done.code == 1, done.json["sentence"]
    assert "is not live" in done.json["sentence"]


def test_a_service_that_is_switched_off_on_purpose_is_red(world: World, server: Server, tealgate: Tealgate) -> None:
    world.environment.may_run_nothing = True
    world.environment.save()
    api(world).desired = api(world).running = 0
    server.meanwhile = lambda: world.run(Deployment.objects.get())

    done = tealgate(*DEPLOY)

    assert (done.code, done.json["outcome"]) == (1, "not-live")
    assert Deployment.objects.get().status == "SUCCESSFUL"
    assert "It runs no task there, so nothing shows whether it works." in done.json["sentence"]


def test_a_rollout_that_goes_well_is_green(world: World, server: Server, tealgate: Tealgate) -> None:
    server.meanwhile = lambda: world.run(Deployment.objects.get())

    assert tealgate(*DEPLOY).code == 0
