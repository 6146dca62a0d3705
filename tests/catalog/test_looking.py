"""Environments that nobody deploys to are looked at once in a while: seldom, together, and by one worker."""

from typing import Any

import pytest

from deployments.aws import errors
from deployments.catalog import looking
from deployments.catalog.models import Environment, running
from deployments.record.models import Event
from tests.delivery.engine.world import World, made, make_release, make_world
from tests.fakes.aws import SHOP

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    """Two environments of one cluster, with 1.0.0 recorded as live."""
    world = make_world(gate=False)
    live = make_release(world.environment.application, "1.0.0", "1")
    other = world.aws.add_pair("api")
    kept = ("application", "region", "cluster", "container_name", "container_port")
    like: dict[str, Any] = {name: getattr(world.environment, name) for name in kept}
    made(
        Environment(
            **like,
            name="api",
            blue_service=other.service("blue"),
            green_service=other.service("green"),
            blue_target_group=other.target_group("blue"),
            green_target_group=other.target_group("green"),
            production_rule=other.production_rule,
        )
    )
    for slot in ("blue", "green"):  # one cluster for both
        world.aws.ecs[SHOP.cluster, f"api-{slot}"] = world.aws.ecs.pop((other.cluster, f"api-{slot}"))
    Environment.objects.update(live_release=live, live_slot="blue")
    return world


def look(world: World) -> dict[str, int]:
    """The calls that it takes."""
    world.aws.calls.clear()
    looking.look(world.clock(), lambda binding: world.aws)
    return dict(world.aws.calls)


def test_all_of_a_cluster_are_asked_about_together_and_again_only_where_something_moved(world: World) -> None:
    assert look(world) == {"services": 1, "rules_named": 1, "task_definition": 2}

    world.clock.forward(minutes=9)
    assert look(world) == {}
    world.clock.forward(minutes=1)
    assert look(world) == {"services": 1, "rules_named": 1}

    world.aws.task_definitions[SHOP.task_definition(9)] = world.aws.task_definitions[SHOP.task_definition()]
    world.aws.ecs[SHOP.cluster, "shop-blue"].update(task_definition=SHOP.task_definition(9), desired=None, lag=0)
    world.clock.forward(minutes=10)
    assert look(world) == {"services": 1, "rules_named": 1, "task_definition": 1}


def test_what_somebody_deployed_is_recorded_within_one_look(world: World) -> None:
    container = world.aws.task_definitions[SHOP.task_definition()].document["containerDefinitions"][0]
    container["image"] = f"shop@sha256:{'7' * 64}"

    look(world)

    world.environment.refresh_from_db()
    assert "which is not 1.0.0; deployed outside Tealgate" in running.sentence(world.environment)
    assert [event.kind for event in Event.objects.all()] == ["environment.differs"]


def test_nobody_looks_while_a_deployment_is_under_way_and_at_once_after_one_that_failed(world: World) -> None:
    Environment.objects.exclude(pk=world.environment.pk).update(live_release=None)
    deployment = world.request()
    assert look(world) == {}

    world.aws.fail_next("rule", errors.Denied, times=9)
    world.run(deployment)
    assert deployment.status == "STOPPED"
    world.clock.forward(seconds=1)
    assert look(world)["services"] == 1


def test_two_workers_do_not_look_at_the_same(world: World) -> None:
    def meanwhile(binding: Any) -> Any:
        assert not looking.due(world.clock()).exists()
        return world.aws

    looking.look(world.clock(), meanwhile)


def test_what_a_killed_worker_did_not_come_to_is_looked_at_soon(world: World) -> None:
    def killed(binding: Any) -> Any:
        raise SystemExit

    with pytest.raises(SystemExit):
        looking.look(world.clock(), killed)

    world.clock.forward(seconds=29)
    assert look(world) == {}
    world.clock.forward(seconds=1)
    assert look(world)["services"] == 1


def test_the_setting_says_how_often_and_whether(world: World, settings: Any) -> None:
    settings.IDLE_LOOK_SECONDS = 0
    assert look(world) == {}
    settings.IDLE_LOOK_SECONDS = 60
    assert look(world)
    world.clock.forward(seconds=59)
    assert look(world) == {}


def test_an_account_that_does_not_answer_is_looked_at_next_time(world: World) -> None:
    world.aws.fail_next("services", errors.Unavailable)
    assert look(world) == {"services": 1}
    world.clock.forward(minutes=10)
    assert look(world)["task_definition"] == 2


def test_where_somebody_deploys_the_next_look_is_soon(world: World) -> None:
    Environment.objects.exclude(pk=world.environment.pk).update(live_release=None)
    blue = world.aws.ecs[SHOP.cluster, "shop-blue"]
    world.aws.task_definitions[SHOP.task_definition(9)] = world.aws.task_definitions[SHOP.task_definition()]
    blue.running_task_definition = SHOP.task_definition(9)
    container = world.aws.task_definitions[SHOP.task_definition()].document["containerDefinitions"][0]
    container["image"] = f"shop@sha256:{'7' * 64}"
    look(world)
    world.environment.refresh_from_db()
    assert "is being deployed outside Tealgate" in running.sentence(world.environment)

    world.clock.forward(seconds=59)
    assert look(world) == {}
    world.clock.forward(seconds=1)
    assert look(world)["services"] == 1

    blue.running_task_definition = SHOP.task_definition()
    world.clock.forward(seconds=60)
    look(world)
    world.environment.refresh_from_db()
    assert "which is not 1.0.0; deployed outside Tealgate" in running.sentence(world.environment)
    world.clock.forward(minutes=9)
    assert look(world) == {}


def test_after_one_that_failed_a_second_look_is_soon_and_the_third_is_not(world: World) -> None:
    """Who took ours off may only be about to deploy."""
    Environment.objects.exclude(pk=world.environment.pk).update(live_release=None)
    deployment = world.request()
    world.aws.fail_next("rule", errors.Denied, times=9)
    world.run(deployment)
    world.clock.forward(seconds=1)
    look(world)

    world.clock.forward(seconds=60)
    assert look(world)["services"] == 1
    world.clock.forward(minutes=9)
    assert look(world) == {}
