"""A rule that AWS does not move, made while it bakes: the deployment ends well, and says what the rule still does."""

from dataclasses import replace

import pytest

from deployments.delivery.models import Deployment
from deployments.vocabulary import Stage, Status
from tests.delivery.engine import shifting_world as shifting
from tests.delivery.engine.world import World
from tests.fakes.aws import SHOP

pytestmark = pytest.mark.django_db

LISTENER = SHOP.production_rule.rsplit("/", 1)[0] + "0"
MADE = f"{LISTENER}/version"


def _baking(world: World, strategy: str) -> Deployment:
    deployment = world.run(world.request(strategy), until=Stage.SCALE_UP)
    (shifting.ecs_bakes if strategy == "BLUE_GREEN" else shifting.code_deploy_bakes)(world, deployment)
    return world.run(deployment, until=Stage.BAKE_TIME)


def _told_of(world: World, deployment: Deployment) -> None:
    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert f"The rule {MADE} still sends " in deployment.status_reason
    assert "to shop-blue, which has no tasks any more: point it at shop-green" in deployment.status_reason
    assert deployment.events.get(kind="deployment.successful").message == deployment.status_reason
    assert world.aws.calls["routes"] == 2  # preflight's, and at the end


def test_ecs_leaves_a_rule_behind() -> None:
    world = shifting.make_native_world()
    deployment = _baking(world, "BLUE_GREEN")
    world.aws.set_weights(MADE, {SHOP.target_group("blue"): 1})

    newest = next(reversed(world.aws.native))
    world.aws.native[newest] = replace(world.aws.native[newest], status="SUCCESSFUL", stage="CLEAN_UP")
    _told_of(world, world.run(deployment))


def test_codedeploy_leaves_a_rule_behind() -> None:
    world = shifting.make_code_deploy_world()
    deployment = _baking(world, "AllAtOnce")
    world.aws.set_weights(MADE, {SHOP.target_group("blue"): 1})

    number = next(reversed(world.aws.codedeploy))
    world.aws.codedeploy[number] = replace(world.aws.codedeploy[number], status="Succeeded")
    _told_of(world, world.run(deployment))
