"""The crash table: a worker dies before and after every write, on AWS and in the database, and the next one goes on.

New actions join the table by being performed in a story.
"""

import pytest

from deployments.aws.fake import API, SHOP
from deployments.engine import record
from deployments.models import Deployment
from deployments.services import deployments as services
from deployments.vocabulary import Stage
from tests.engine.crashing import RECORDS, Story, every_death, run, step
from tests.engine.rolling_world import make_rolling_world
from tests.engine.world import World, make_world

pytestmark = pytest.mark.django_db


def _pair() -> World:
    world = make_world(canary_bake_seconds=2, bake_seconds=2)
    world.environment.one_off_tasks.create(command="python manage.py migrate")
    return world


def _single() -> World:
    world = make_rolling_world(bake_seconds=1)
    world.environment.one_off_tasks.create(command="python manage.py migrate")
    world.aws.scale_after = 2
    return world


def _everything(world: World) -> Deployment:
    """Migration, gate, canary, bake, clean-up."""
    deployment = run(world, world.request())
    world.approve(deployment)
    return run(world, deployment)


def _turned_back_by_an_alarm(world: World) -> Deployment:
    deployment = run(world, world.request())
    world.approve(deployment)
    run(world, deployment, until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    world.aws.alarm(SHOP.alarm, "ALARM", "Threshold Crossed")
    return run(world, deployment)


def _rolled_back_while_warm(world: World) -> Deployment:
    deployment = run(world, world.request())
    world.approve(deployment)
    run(world, deployment, until=Stage.CLEAN_UP)
    services.roll_back(deployment=deployment, person=world.requester, now=world.clock())
    return run(world, deployment)


def _stopped_while_the_source_is_scaled_down(world: World) -> Deployment:
    """The source grew meanwhile, so the target does too; then the way back has to warm the source again."""
    deployment = run(world, world.request())
    world.aws.ecs[SHOP.cluster, "shop-blue"].update(task_definition=None, desired=3, lag=0)
    world.approve(deployment)
    world.aws.ecs[SHOP.cluster, "shop-blue"].running = 3
    run(world, deployment, until=Stage.CLEAN_UP)
    services.finish_now(deployment=deployment, person=world.requester, now=world.clock())
    while "scale_down" not in deployment.facts["done"]:
        world.aws.scale_after = 9
        step(world, deployment)
    services.stop(deployment=deployment, person=world.requester, now=world.clock())
    return run(world, deployment)


def _expired(world: World) -> Deployment:
    deployment = run(world, world.request())
    world.clock.forward(minutes=61)
    return run(world, deployment)


def _migration_failed(world: World) -> Deployment:
    world.aws.exit_code = 1
    return run(world, world.request())


def _rolled_out(world: World) -> Deployment:
    """Migration, all tasks replaced, bake."""
    return run(world, world.request("ROLLING"))


def _rolled_back_to_the_previous_task_definition(world: World) -> Deployment:
    deployment = run(world, world.request("ROLLING"), until=Stage.BAKE_TIME)
    world.aws.alarm(API.alarm, "ALARM", "Threshold Crossed")
    return run(world, deployment)


_WHOLE, _WHOLE_ROLLING = Story(_everything, _pair), Story(_rolled_out, _single)
STORIES = (
    _WHOLE,
    Story(_turned_back_by_an_alarm, _pair, _WHOLE),
    Story(_rolled_back_while_warm, _pair, _WHOLE),
    Story(_stopped_while_the_source_is_scaled_down, _pair, _WHOLE),
    Story(_expired, _pair, _WHOLE),
    Story(_migration_failed, _pair, _WHOLE),
    _WHOLE_ROLLING,
    Story(_rolled_back_to_the_previous_task_definition, _single, _WHOLE_ROLLING),
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_worker_may_die_at_any_moment(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    deaths = 0

    for moment, ending, undisturbed in every_death(story, monkeypatch):
        assert ending == undisturbed, f"killed {moment}"
        deaths += 1

    assert deaths >= 2


def test_every_function_that_records_is_in_the_table() -> None:
    public = {
        name
        for name, thing in vars(record).items()
        if callable(thing) and getattr(thing, "__module__", "") == record.__name__ and not name.startswith("_")
    }
    assert public - {"Lost", "troubled"} == set(RECORDS)
