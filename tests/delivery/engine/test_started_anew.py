"""Somebody forces a new deployment of what ECS has just finished with: it is as planned, but in the other slot."""

import pytest

from deployments.aws.actions import StopServiceDeployment
from deployments.delivery import turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from tests.delivery.engine import shifting_world as shifting
from tests.delivery.engine.shifting_world import NAME, shop
from tests.delivery.engine.world import World, make_release
from tests.fakes.aws import SHOP

pytestmark = pytest.mark.django_db


def _baking() -> tuple[World, Deployment]:
    """All traffic is on the release, in green."""
    world = shifting.make_native_world()
    world.environment.live_release = make_release(world.environment.application, "1.0.0", "1")
    world.environment.live_slot = "blue"
    world.environment.save()
    deployment = world.run(world.request("BLUE_GREEN"), until=Stage.SCALE_UP)
    world.aws.ecs_bakes()
    return world, world.run(deployment, until=Stage.BAKE_TIME)


def _started_anew(world: World, *, over: bool = True) -> str:
    made = world.aws.started_anew(SHOP.cluster, NAME)
    if over:
        world.aws.ecs_has_finished(made)
    return made


def _roll_back(world: World, deployment: Deployment) -> None:
    turning_back.roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())


def _live(world: World) -> tuple[str, str]:
    world.environment.refresh_from_db()
    release = world.environment.live_release
    return (release.version if release else ""), world.environment.live_slot


def test_a_release_that_ecs_has_finished_is_a_success_in_whichever_slot_it_serves() -> None:
    world, deployment = _baking()
    world.aws.ecs_has_finished(next(reversed(world.aws.native)))
    _started_anew(world)

    world.run(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert _live(world) == ("1.1.0", "blue")
    assert any("Somebody started shop:2 anew" in each.message for each in deployment.events.all())


def test_while_ecs_shifts_it_is_waited_for() -> None:
    world, deployment = _baking()
    world.aws.ecs_has_finished(next(reversed(world.aws.native)))
    made = _started_anew(world, over=False)
    world.aws.set_weights(SHOP.production_rule, {SHOP.target_group("blue"): 10, SHOP.target_group("green"): 90})

    world.run_until_waiting_for(
        deployment, "and ECS shifts to it: the production rule shows 10 % on old 1.0.0, 90 % on new 1.1.0"
    )
    assert _live(world)[0] == "1.1.0"

    world.aws.ecs_has_finished(made)
    world.run(deployment)
    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason


def test_what_is_to_be_rolled_back_then_is_and_its_source_serves_from_the_other_slot() -> None:
    world, deployment = _baking()
    world.aws.ecs_has_finished(next(reversed(world.aws.native)))
    _started_anew(world)
    world.aws.ecs_takes = 2

    _roll_back(world, deployment)
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert (shop(world).task_definition, world.share("green")) == (SHOP.task_definition(1), 100)
    assert _live(world) == ("1.0.0", "green")


def test_a_restart_that_ecs_still_shifts_does_not_keep_the_source_away() -> None:
    """It may be over before ECS is told: then the source is put where the release was."""
    world, deployment = _baking()
    world.aws.ecs_has_finished(next(reversed(world.aws.native)))
    _started_anew(world, over=False)
    world.aws.set_weights(SHOP.production_rule, {SHOP.target_group("blue"): 10, SHOP.target_group("green"): 90})
    world.aws.ecs_takes = 2

    _roll_back(world, deployment)
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert shop(world).task_definition == SHOP.task_definition(1)


def test_a_source_that_was_started_anew_after_ecs_had_gone_back_is_back() -> None:
    world, deployment = _baking()
    world.aws.perform(StopServiceDeployment(service_deployment=next(reversed(world.aws.native))))
    world.aws.set_weights(SHOP.production_rule, {SHOP.target_group("blue"): 100, SHOP.target_group("green"): 0})
    shop(world).swap_target_groups()
    _started_anew(world)

    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert (shop(world).task_definition, world.share("green")) == (SHOP.task_definition(1), 100)
    assert _live(world) == ("1.0.0", "green")


def test_a_source_that_was_started_anew_while_ecs_deployed_it_again_is_followed() -> None:
    world, deployment = _baking()
    world.aws.ecs_has_finished(next(reversed(world.aws.native)))
    _roll_back(world, deployment)
    world.run_until_waiting_for(deployment, "ECS deploys shop:1 again")
    _started_anew(world)

    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert _live(world)[0] == "1.0.0"
    assert any("Somebody started shop:1 anew, so ECS goes back by" in each.message for each in deployment.events.all())


@pytest.mark.parametrize("takes", [2, 9])
def test_a_release_that_somebody_started_anew_at_its_gate_does_not_come_to_production(takes: int) -> None:
    """ECS stops ours for it and would go on with theirs, which brings what nobody has approved."""
    world = shifting.make_native_world()
    world.environment.live_release = make_release(world.environment.application, "1.0.0", "1")
    world.environment.live_slot = "blue"
    world.environment.save()
    deployment = world.run(world.request("BLUE_GREEN"), until=Stage.SCALE_UP)
    theirs = _started_anew(world, over=False)
    world.aws.ecs_takes = takes

    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert "somebody had started the release anew, so ECS deployed shop:1 again" in deployment.status_reason
    assert (shop(world).task_definition, world.aws.native[theirs].status) == (SHOP.task_definition(1), "STOPPED")
    assert _live(world)[0] == "1.0.0"
