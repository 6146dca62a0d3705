"""The engine's world with one service instead of a pair."""

from typing import Any

from deployments.vocabulary import Stage
from tests.delivery.engine.world import World, make_world
from tests.fakes.aws import API, FakeGateway
from tests.fakes.service import FakeService

#: Columns that only a pair fills in.
NOT_OF_A_PAIR = (
    "blue_service", "green_service", "blue_target_group", "green_target_group", "production_rule", "test_rule",
)  # fmt: skip

TAG, RAN, MOVED = "shop:stable", f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def make_rolling_world(*, behind: bool = True, gate: bool = False, **changes: Any) -> World:
    """`behind` a target group or behind none; the gate is before the bake ends."""
    columns: dict[str, Any] = {
        **dict.fromkeys(NOT_OF_A_PAIR, ""),
        "controller": "ROLLING",
        "strategy": "ROLLING",
        "cluster": API.cluster,
        "service": API.name,
        "alarms": API.alarm,
        "bake_seconds": 20,
    }
    world = make_world(gate=False, **columns | changes)
    if gate:
        world.environment.gate_policies.create(stage=Stage.BAKE_TIME, timeout_minutes=60)
    world.aws = FakeGateway.single(behind=behind)
    return world


def make_tagged_world(**changes: Any) -> World:
    """The task definition that is live names its image by a tag."""
    world = make_rolling_world(**changes)
    world.aws = FakeGateway.single(image=TAG)
    world.aws.tags[TAG] = RAN
    api(world).pulled[API.task_definition()] = {API.container: RAN}
    return world


def api(world: World) -> FakeService:
    return world.aws.ecs[API.cluster, API.name]
