"""The engine's world with a service of Express Mode."""

from typing import Any

from deployments.delivery.models import Deployment
from deployments.vocabulary import Stage
from tests.delivery.engine.rolling_world import NOT_OF_A_PAIR
from tests.delivery.engine.world import World, make_world
from tests.fakes.aws import LANDING, FakeGateway


def make_express_world(**changes: Any) -> World:
    """Its container is called as the usual release has it; ECS calls it Main."""
    columns: dict[str, Any] = {
        **dict.fromkeys(NOT_OF_A_PAIR, ""),
        "controller": "EXPRESS_MODE",
        "strategy": "CANARY",
        "cluster": LANDING.cluster,
        "service": LANDING.name,
        "alarms": "",
    }
    world = make_world(gate=False, **columns | changes)
    world.environment.gate_policies.create(stage=Stage.PRE_SCALE_UP, timeout_minutes=60)
    world.aws = FakeGateway.express()
    world.aws.rename_container(LANDING.task_definition(), "web")
    return world


def ecs_has_shifted(percent: float) -> Any:
    def step(world: World, deployment: Deployment) -> None:
        world.aws.ecs_shifts(percent)

    return step


def ecs_bakes(world: World, deployment: Deployment) -> None:
    world.aws.ecs_bakes()


def ecs_ends(world: World, deployment: Deployment) -> None:
    world.aws.ecs_ends()


def own_alarm(world: World, deployment: Deployment) -> None:
    world.aws.alarm(LANDING.own_alarm, "ALARM", "2.1 % of answers were 4xx or 5xx")
