"""What the log tells of one deployment: each thing once."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from deployments.delivery import turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import Outcome, Stage, Status
from tests.delivery.engine import servers_world as servers
from tests.delivery.engine.rolling_world import make_rolling_world
from tests.delivery.engine.world import make_world
from tests.fakes.aws import SHOP

pytestmark = pytest.mark.django_db


def pair() -> Deployment:
    world = make_world(gate=False)
    return world.run(world.request())


def rolling() -> Deployment:
    world = make_rolling_world()
    return world.run(world.request("ROLLING"))


def on_servers() -> Deployment:
    world = servers.make_servers_world()
    deployment = world.request("GROUP_CONFIG")
    servers.told(world, deployment)
    servers.installs(world, deployment)
    return world.run(deployment)


def turned_back() -> Deployment:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.CLEAN_UP)
    turning_back.roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    return world.run(deployment)


@pytest.mark.parametrize("story", [pair, rolling, on_servers, turned_back])
def test_the_end_of_the_last_stage_is_the_end_of_all_and_told_by_one_event(story: Callable[[], Deployment]) -> None:
    deployment = story()

    ended = {Status.SUCCESSFUL: "deployment.successful", Status.ROLLBACK_SUCCESSFUL: "deployment.rollback_successful"}
    told, last = list(deployment.events.order_by("pk")), deployment.stage_runs.order_by("pk").last()
    # What a person asked for is said once more by whoever begins with it.
    again = [
        later.message
        for each, later in pairwise(told)
        if each.stage == later.stage and each.message in later.message and not each.kind.endswith("_requested")
    ]
    assert (told[-1].kind, again) == (ended[Status(deployment.status)], [])
    assert last is not None
    assert (last.outcome, bool(last.detail)) == (Outcome.SUCCEEDED, True)


def test_an_alarm_is_told_of_with_when_it_rang_by_cloudwatchs_clock() -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.BAKE_TIME)
    rang = world.clock()
    world.aws.alarm(SHOP.alarm, "ALARM", "3 of 3")
    world.aws.alarm_states[SHOP.alarm] = replace(world.aws.alarm_states[SHOP.alarm], changed_at=rang)
    world.clock.forward(seconds=14)
    world.run(deployment)

    event = deployment.events.get(kind="deployment.rollback_started")
    assert (event.message, event.data) == ("Alarm shop-5xx is in ALARM: 3 of 3", {"alarm_since": rang.isoformat()})
    assert event.at > rang


def test_what_a_person_asks_for_has_no_alarms_time() -> None:
    deployment = turned_back()

    assert deployment.events.get(kind="deployment.rollback_started").data == {}
