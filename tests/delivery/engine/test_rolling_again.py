"""One rolling deployment soon after another: what AWS said then is not asked again, as long as it still stands."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from deployments.aws import errors
from deployments.aws.values import Image, Rollout, SecurityGroupRule
from deployments.catalog.models import Release
from deployments.delivery.models import Deployment
from deployments.vocabulary import Status
from tests.delivery.engine.rolling_world import api, make_rolling_world
from tests.delivery.engine.world import NOON, World, make_release
from tests.fakes.aws import API

pytestmark = pytest.mark.django_db

ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/api"
TOLD = "was asked {} s ago for an earlier deployment."


def in_ecr(world: World, release: Release) -> Release:
    release.images.update(repository=ECR)
    for image in release.images.all():
        world.aws.images[ECR, image.digest] = Image(repository=ECR, tag="", digest=image.digest, platforms=())
    return release


@pytest.fixture
def world() -> World:
    """A release was rolled out at noon."""
    world = make_rolling_world(bake_seconds=0)
    in_ecr(world, world.release)
    world.aws.load_balancer_groups[API.load_balancer] = ("sg-lb",)
    let_in = SecurityGroupRule(protocol="tcp", from_port=8000, to_port=8000, sources=("sg-lb",))
    world.aws.security_groups["sg-tasks"] = (let_in,)
    assert world.run(world.request("ROLLING")).status == Status.SUCCESSFUL
    return world


def again(world: World) -> Deployment:
    world.aws.calls.clear()
    return world.run(world.request("ROLLING"))


def asked(world: World) -> Counter[str]:
    """Reads, but for the alarm, which is always looked at."""
    passed_over = {"alarms", "RegisterTaskDefinition", "UpdateService"}
    return Counter({name: count for name, count in world.aws.calls.items() if name not in passed_over})


def told(deployment: Deployment) -> list[str]:
    return [result["seen"] for result in deployment.preflight if result["check"] == "earlier-answers"]


def test_the_service_and_its_task_definition_are_read_once_and_nothing_else(world: World) -> None:
    world.clock.now = NOON + timedelta(seconds=40)
    api(world).last_rollout = Rollout(draining=None, completed=5)

    deployment = again(world)

    assert deployment.status == Status.SUCCESSFUL
    # before the update, and when it should be over
    assert asked(world) == {"services": 2, "task_definition": 1}
    assert [sentence for sentence in told(deployment) if TOLD.format(40) in sentence]


def test_its_report_says_all_that_the_earlier_one_did(world: World) -> None:
    first, second = world.environment.deployments.get(), again(world)

    checks = [[result["check"] for result in each.preflight] for each in (first, second)]
    assert checks[1] == [*checks[0], "earlier-answers"]
    assert second.facts["drain_seconds"] == first.facts["drain_seconds"]
    assert second.facts["load_balancer"] == first.facts["load_balancer"]


def test_another_release_has_its_image_looked_at_and_nothing_else(world: World) -> None:
    other = in_ecr(world, make_release(world.environment.application, "1.2.0", "3"))
    world.aws.calls.clear()

    world.run(world.request("ROLLING", other))

    assert set(asked(world)) == {"services", "task_definition", "image"}


def test_what_was_trusted_does_not_become_younger_by_being_trusted(world: World) -> None:
    for minutes in (7, 7):
        world.clock.forward(minutes=minutes)
        assert told(again(world))
    world.clock.forward(minutes=7)

    assert told(again(world)) == []
    assert "target_groups" in world.aws.calls


def stopped(world: World) -> None:
    Deployment.objects.update(status=Status.ROLLBACK_SUCCESSFUL)


def new_settings(world: World) -> None:
    world.environment.__class__.objects.update(max_latency_ms=900)
    world.environment.refresh_from_db()


def other_network(world: World) -> None:
    api(world).subnets = ("subnet-2",)


def other_task_definition(world: World) -> None:
    live = world.aws.task_definitions[api(world).task_definition]
    world.aws.task_definitions[live.arn] = replace(live, document={**live.document, "cpu": "2048"})


def time_passed(world: World) -> None:
    world.clock.forward(minutes=16)


@pytest.mark.parametrize("changed", [stopped, new_settings, other_network, other_task_definition, time_passed])
def test_all_is_asked_anew_when_it_may_not_stand_any_more(world: World, changed: Callable[[World], None]) -> None:
    changed(world)

    deployment = again(world)

    assert deployment.status == Status.SUCCESSFUL
    assert told(deployment) == []
    assert {"identity", "may", "target_groups", "target_health"} <= set(asked(world))


def test_all_is_asked_anew_when_an_alarm_shows_trouble(world: World) -> None:
    world.aws.alarm(API.alarm, "ALARM")

    deployment = again(world)

    assert deployment.status == Status.STOPPED
    assert "target_groups" in world.aws.calls
    assert told(deployment) == []


def test_a_service_that_cannot_be_read_is_a_sentence_as_ever(world: World) -> None:
    world.aws.fail_next("services", errors.Denied, times=9)

    deployment = again(world)

    assert deployment.status == Status.STOPPED
    assert "Production was not touched" in deployment.status_reason
    assert "UpdateService" not in world.aws.calls
