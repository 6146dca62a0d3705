"""After each look nobody looks for ten minutes, longer than any time limit: that is not held against the release.

Whatever has a time limit in any way to swap is passed here: scale-up, checks, one-off tasks, rungs, bakes, warm time.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from deployments.delivery.engine import leases
from deployments.delivery.models import Deployment
from deployments.vocabulary import Stage, Status
from tests.delivery.engine import express_world, servers_world, shifting_world
from tests.delivery.engine.rolling_world import make_rolling_world
from tests.delivery.engine.world import World, make_world
from tests.preflight.every_controller import GROUP

pytestmark = pytest.mark.django_db

GoesOn = Callable[[World, Deployment], None]


Meanwhile = Callable[[World], None]


def ten_minutes_later(world: World) -> None:
    world.clock.forward(minutes=10)


def looks(
    world: World, deployment: Deployment, goes_on: GoesOn, meanwhile: Meanwhile = ten_minutes_later, *, most: int = 60
) -> Deployment:
    """Looks with `meanwhile` between what each waited for and the next one, in which AWS goes on."""
    for _ in range(most):
        world.advance(deployment)
        if deployment.is_terminal:
            return deployment
        if deployment.gates.open().exists():
            world.approve(deployment)
            continue
        goes_on(world, deployment)
        world.clock.now = max(world.clock.now, deployment.next_check_at or world.clock.now)
        meanwhile(world)
    raise AssertionError(f"{deployment.status} at {deployment.stage}: {deployment.waiting_for}")


def _by_itself(world: World, deployment: Deployment) -> None:
    """The fakes go on with every look."""


def _pair() -> World:
    world = make_world(bake_seconds=60, canary_bake_seconds=60, scale_up_timeout_seconds=40)
    world.environment.one_off_tasks.create(command="python manage.py migrate", timeout_seconds=5)
    world.aws.scale_after = 3
    return world


def _rolling() -> World:
    world = make_rolling_world(bake_seconds=60, scale_up_timeout_seconds=40)
    world.environment.one_off_tasks.create(command="python manage.py migrate", timeout_seconds=5)
    return world


def _ecs(world: World, deployment: Deployment) -> None:
    """It has shifted, baked and ended while nobody looked."""
    if deployment.facts.get("service_deployment"):
        world.aws.ecs_ends()


def _code_deploy_world() -> World:
    world = shifting_world.make_code_deploy_world()
    world.aws.codedeploy_groups["shop", "web"] = replace(GROUP, termination_minutes=3)
    return world


def _code_deploy(world: World, deployment: Deployment) -> None:
    if deployment.stage == Stage.SCALE_UP:
        shifting_world.code_deploy_bakes(world, deployment)
        number = next(reversed(world.aws.codedeploy))
        world.aws.codedeploy[number] = replace(world.aws.codedeploy[number], status="Succeeded")


def _servers(world: World, deployment: Deployment) -> None:
    if "create" in deployment.facts.get("done", ()):
        servers_world.installs(world, deployment)


SWAPS: dict[str, tuple[Callable[[], World], str, GoesOn]] = {
    "SERVICE_PAIR": (_pair, "CANARY", _by_itself),
    "ROLLING": (_rolling, "ROLLING", _by_itself),
    "ECS": (shifting_world.make_native_world, "BLUE_GREEN", _ecs),
    "EXPRESS_MODE": (express_world.make_express_world, "CANARY", _ecs),
    "CODE_DEPLOY": (_code_deploy_world, "AllAtOnce", _code_deploy),
    "CODE_DEPLOY of servers": (lambda: servers_world.make_servers_world(bake_seconds=60), "GROUP_CONFIG", _servers),
}


@pytest.mark.parametrize("swap", SWAPS)
def test_a_good_release_goes_live_although_nobody_was_there_after_each_look(swap: str) -> None:
    make, strategy, goes_on = SWAPS[swap]
    world = make()
    deployment = looks(world, world.request(strategy), goes_on)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert deployment.events.filter(kind="deployment.unwatched").count() >= 2


@pytest.mark.parametrize("seconds", [150, -150])
@pytest.mark.parametrize("swap", SWAPS)
def test_a_clock_that_is_set_by_minutes_ends_no_deployment(swap: str, seconds: float) -> None:
    """Back only three times: each time, the limits under way last so much longer."""
    make, strategy, goes_on = SWAPS[swap]
    world, jumps = make(), [seconds] * (60 if seconds > 0 else 3)

    def jump(world: World) -> None:
        by = jumps.pop() if jumps else 0
        world.clock.forward(seconds=by)
        if by < 0:
            leases.bring_back(world.clock.now)  # as the heartbeat does

    deployment = looks(world, world.request(strategy), goes_on, jump, most=200)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert not deployment.stage_runs.filter(rolling_back=True).exists()


@pytest.mark.parametrize(
    ("swap", "who", "promised"),
    [("ECS", "ECS", 60), ("EXPRESS_MODE", "ECS", 180), ("CODE_DEPLOY", "CodeDeploy", 180)],
)
def test_a_bake_that_aws_ended_meanwhile_is_watched_for_as_long_as_was_promised(
    swap: str, who: str, promised: float
) -> None:
    make, strategy, goes_on = SWAPS[swap]
    world = make()
    deployment = world.run(world.request(strategy), until=Stage.SCALE_UP)
    if deployment.gates.open().exists():
        world.approve(deployment)
        world.run(deployment, until=Stage.SCALE_UP)
    goes_on(world, deployment)
    world.clock.forward(minutes=10)
    back = world.clock.now

    world.run_until_waiting_for(deployment, "nobody watched")
    assert deployment.stage == Stage.BAKE_TIME
    assert f"{who} has ended its bake, and nobody watched from 12:0" in deployment.waiting_for
    world.run(deployment, most=400)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    ended: Any = deployment.stage_runs.get(stage=Stage.BAKE_TIME).finished_at
    assert promised <= (ended - back).total_seconds() <= promised + 30


def test_one_that_went_wrong_unseen_is_turned_back_although_ecs_had_ended() -> None:
    world = shifting_world.make_native_world()
    deployment = world.run(world.request("BLUE_GREEN"), until=Stage.SCALE_UP)
    world.aws.ecs_ends()
    world.clock.forward(minutes=10)
    world.run_until_waiting_for(deployment, "nobody watched")
    world.aws.alarm(world.environment.alarms, "ALARM", "Threshold Crossed")
    world.clock.forward(seconds=15)

    world.advance(deployment)

    assert deployment.is_rolling_back
    assert "ALARM" in deployment.status_reason


def test_what_aws_did_meanwhile_by_itself_is_told_with_the_time_in_which_nobody_looked() -> None:
    world = shifting_world.make_native_world()
    deployment = world.run(world.request("BLUE_GREEN"), until=Stage.SCALE_UP)
    newest = next(reversed(world.aws.native))
    world.aws.native[newest] = replace(
        world.aws.native[newest], status="ROLLBACK_SUCCESSFUL", reason="it did not start"
    )
    world.clock.forward(minutes=10)

    world.run(deployment)

    assert "ECS turned it back: it did not start. Nobody had looked from 12:0" in deployment.status_reason
