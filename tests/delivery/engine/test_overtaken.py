"""Somebody turns back in the moment in which AWS has finished: the same deployment goes on until the source is back."""

from collections.abc import Callable
from typing import Any

import pytest

from deployments.aws import actions, errors
from deployments.delivery import turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from tests.delivery.engine import shifting_world as shifting
from tests.delivery.engine.shifting_world import shop
from tests.delivery.engine.world import World, make_release
from tests.fakes.aws import SHOP

pytestmark = pytest.mark.django_db

CLICKS = (turning_back.roll_back, turning_back.stop)


def _live(world: World) -> tuple[str | None, str]:
    world.environment.refresh_from_db()
    release = world.environment.live_release
    return (release.version if release else None), world.environment.live_slot


def _knows_its_source(world: World) -> None:
    world.environment.live_release = make_release(world.environment.application, "1.0.0", "1")
    world.environment.live_slot = "blue"
    world.environment.save()


def _orders(world: World, kind: type[actions.Action]) -> list[Any]:
    return [action for action in world.aws.performed if isinstance(action, kind)]


def _deployed(world: World) -> list[actions.UpdateService]:
    """What ECS was told to deploy; giving the owner's configuration back deploys nothing."""
    return [each for each in _orders(world, actions.UpdateService) if each.task_definition]


def _native() -> tuple[World, Deployment]:
    """All traffic is on the release; ECS finishes as soon as it is told to turn back."""
    world = shifting.make_native_world()
    _knows_its_source(world)
    deployment = world.run(world.request("BLUE_GREEN"), until=Stage.SCALE_UP)
    world.aws.ecs_bakes()
    world.run(deployment, until=Stage.BAKE_TIME)
    shifting.ecs_is_ahead(world, deployment)
    return world, deployment


def _code_deployed() -> tuple[World, Deployment]:
    world = shifting.make_code_deploy_world()
    _knows_its_source(world)
    deployment = world.run(world.request("AllAtOnce"), until=Stage.SCALE_UP)
    shifting.code_deploy_bakes(world, deployment)
    world.run(deployment, until=Stage.BAKE_TIME)
    shifting.code_deploy_is_ahead(world, deployment)
    return world, deployment


def _ask(world: World, deployment: Deployment, click: Callable[..., None]) -> None:
    click(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())


@pytest.mark.parametrize("click", CLICKS)
def test_ecs_had_finished_and_gets_the_source_back(click: Callable[..., None]) -> None:
    world, deployment = _native()

    _ask(world, deployment, click)
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "ECS had finished, so it deployed shop:1 again" in deployment.status_reason
    assert (world.share("blue"), shop(world).task_definition) == (100, SHOP.task_definition())
    assert _live(world) == ("1.0.0", "blue")
    # The last one gives the owner's deployment configuration back, and deploys nothing.
    assert [each.task_definition for each in _orders(world, actions.UpdateService)] == [
        SHOP.task_definition(2), SHOP.task_definition(1), None,
    ]  # fmt: skip
    assert deployment.percent == 0


def test_ecs_is_not_held_or_turned_back_on_the_way_back() -> None:
    world, deployment = _native()

    _ask(world, deployment, turning_back.roll_back)
    world.run(deployment)

    again = _deployed(world)[-1]
    assert again.deployment_configuration == {
        "strategy": "BLUE_GREEN",
        "bakeTimeInMinutes": 0,
        "lifecycleHooks": [],
        "alarms": {"alarmNames": [SHOP.alarm], "enable": False, "rollback": False},
    }


def test_codedeploy_had_finished_and_gets_the_source_back() -> None:
    world, deployment = _code_deployed()

    _ask(world, deployment, turning_back.roll_back)
    world.run_until_waiting_for(deployment, "CodeDeploy deploys shop:1 again")
    assert _live(world) == ("1.1.0", "green")
    shifting.code_deploy_is_ready(world, deployment)
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "CodeDeploy had finished, so it deployed shop:1 again by d-000000002" in deployment.status_reason
    assert (world.share("blue"), shop(world).task_definition) == (100, SHOP.task_definition())
    assert _live(world) == ("1.0.0", "blue")
    waits = [each.wait for each in _orders(world, actions.ContinueDeployment)]
    assert waits == ["READY_WAIT", "TERMINATION_WAIT"]


def test_what_is_live_is_known_while_it_goes_back() -> None:
    world, deployment = _native()
    world.aws.ecs_takes = 0

    _ask(world, deployment, turning_back.roll_back)
    world.run_until_waiting_for(deployment, "ECS deploys shop:1 again")

    assert _live(world) == ("1.1.0", "green")
    assert "ECS had finished with 1.1.0 before it could be turned back: it has all traffic" in str(
        list(deployment.events.values_list("message", flat=True))
    )


@pytest.mark.parametrize(("begin", "write"), [(_native, "UpdateService"), (_code_deployed, "CreateDeployment")])
def test_when_that_fails_too_the_next_deployment_comes_from_what_is_live(
    begin: Callable[[], tuple[World, Deployment]], write: str
) -> None:
    world, deployment = begin()
    world.aws.fail_next(write, errors.Denied)

    _ask(world, deployment, turning_back.roll_back)
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_FAILED
    assert _live(world) == ("1.1.0", "green")
    following = world.request(deployment.strategy, make_release(world.environment.application, "1.2.0", "3"))
    assert following.source_release == deployment.release


def test_a_second_try_follows_what_the_first_one_began() -> None:
    world, deployment = _native()
    world.aws.ecs_takes = 0
    _ask(world, deployment, turning_back.roll_back)
    world.run_until_waiting_for(deployment, "ECS deploys shop:1 again")
    world.clock.forward(seconds=121)
    world.run(deployment)
    assert "shop:1 was not ready after 2 min" in deployment.status_reason

    turning_back.retry_roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.aws.ecs_takes = 1
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert len(_deployed(world)) == 2
    assert _live(world) == ("1.0.0", "blue")


def test_what_somebody_put_there_since_is_left_alone() -> None:
    world, deployment = _native()
    shop(world).update(task_definition=SHOP.task_definition(9), desired=None, lag=0)

    _ask(world, deployment, turning_back.roll_back)
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_FAILED
    assert "someone else put shop:9 on shop-blue since; it was left alone" in deployment.status_reason
