"""The engine's world with one service whose traffic AWS shifts itself: ECS, or CodeDeploy."""

from dataclasses import replace
from typing import Any

from deployments.delivery.models import Deployment
from tests.delivery.engine.world import NOON, World, make_world
from tests.fakes.aws import SHOP
from tests.fakes.service import FakeService
from tests.preflight.every_controller import GROUP
from tests.swaps import code_deploy_cases

NAME = SHOP.service("blue")
#: of the service's owner, in every deployment
OWN_HOOK = {"hookTargetArn": "arn:aws:lambda:f", "lifecycleStages": ["POST_SCALE_UP"]}


def make_shifting_world(controller: str, **changes: Any) -> World:
    columns = {"controller": controller, "service": NAME, "blue_service": "", "green_service": "", "bake_seconds": 60}
    world = make_world(gate=False, **columns | changes)
    service = shop(world)
    service.alternate_target_group, service.production_rule = SHOP.target_group("green"), SHOP.production_rule
    return world


def make_native_world(**changes: Any) -> World:
    world = make_shifting_world("ECS", **{"strategy": "BLUE_GREEN", **changes})
    shop(world).deployment_configuration = {"lifecycleHooks": [dict(OWN_HOOK)]}
    shop(world).infrastructure_role = "arn:aws:iam::123456789012:role/infrastructure"
    return world


def make_code_deploy_world(**changes: Any) -> World:
    names: dict[str, Any] = {"codedeploy_application": "shop", "codedeploy_group": "web", "strategy": "AllAtOnce"}
    # The group waits in Ready, and these stories have no gate there.
    names |= {"unattended_at": NOON, "unattended_reason": "It is a test"}
    world = make_shifting_world("CODE_DEPLOY", **names | changes)
    shop(world).controller = "CODE_DEPLOY"
    world.aws.codedeploy_groups["shop", "web"] = replace(GROUP, termination_minutes=60)
    return world


def shop(world: World) -> FakeService:
    return world.aws.ecs[SHOP.cluster, NAME]


def ecs_bakes(world: World, deployment: Deployment) -> None:
    world.aws.ecs_bakes()


def ecs_is_ahead(world: World, deployment: Deployment) -> None:
    """It finishes in the moment in which it is told to turn back; what comes then it finishes by itself."""
    world.aws.ecs_is_ahead, world.aws.ecs_takes = True, 3
    world.aws.looks.clear()


def code_deploy_bakes(world: World, deployment: Deployment) -> None:
    number = next(reversed(world.aws.codedeploy))
    world.aws.codedeploy[number] = replace(world.aws.codedeploy[number], status="InProgress")
    world.aws.codedeploy_shifts(number)
    world.aws.code_targets[number] = (code_deploy_cases.target("AfterAllowTraffic", percent=100),)


def code_deploy_is_ahead(world: World, deployment: Deployment) -> None:
    world.aws.codedeploy_is_ahead = True


def code_deploy_is_ready(world: World, deployment: Deployment) -> None:
    """Whatever it was told last."""
    number = next(reversed(world.aws.codedeploy))
    if world.aws.codedeploy[number].status == "Created":
        world.aws.codedeploy[number] = replace(world.aws.codedeploy[number], status="Ready")
