"""Time in which nobody looked, ourselves or AWS being away: it is not held against a release, and proves nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from deployments.aws import errors
from deployments.delivery import turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from tests.delivery.engine.rolling_world import make_rolling_world
from tests.delivery.engine.world import World, make_world

pytestmark = pytest.mark.django_db


def told(deployment: Deployment) -> list[str]:
    return [event.message for event in deployment.events.filter(kind="deployment.unwatched")]


def starting(world: World) -> Deployment:
    """The release's tasks are on their way, and come up only when the test lets them."""
    world.aws.scale_after = 99
    return world.run(world.request(), until=Stage.SCALE_UP)


def come_up(world: World) -> None:
    for service in world.aws.ecs.values():
        service.lag = min(service.lag, 1)


def test_a_release_that_came_up_meanwhile_goes_on_although_its_time_was_over() -> None:
    world = make_world(gate=False, scale_up_timeout_seconds=40)
    deployment = starting(world)
    world.clock.forward(minutes=7)
    come_up(world)

    world.run(deployment, until=Stage.PRODUCTION_TRAFFIC_SHIFT)

    assert deployment.stage == Stage.PRODUCTION_TRAFFIC_SHIFT, deployment.status_reason
    [said] = told(deployment)
    assert said.startswith("Not watched from 12:00:") and "(6 min 59 s)" in said


def test_one_that_did_not_gets_the_time_that_it_was_promised_and_no_more() -> None:
    world = make_world(gate=False, scale_up_timeout_seconds=40)
    deployment = starting(world)
    world.clock.forward(minutes=7)
    back = world.clock.now

    world.run(deployment)

    assert deployment.is_rolling_back or deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "was not healthy after 40 s" in deployment.status_reason
    failed = deployment.events.get(kind="deployment.rollback_started").at
    assert 20 < (failed - back).total_seconds() <= 60


@pytest.mark.parametrize("make", [make_world, make_rolling_world])
def test_a_bake_that_nobody_watched_goes_on_for_as_long_as_was_promised(make: type[World]) -> None:
    world = make(gate=False, bake_seconds=60) if make is make_world else make(bake_seconds=60)  # type: ignore[call-arg]
    deployment = world.request("ROLLING" if make is make_rolling_world else "BLUE_GREEN")
    world.run(deployment, until=Stage.BAKE_TIME)
    world.clock.forward(minutes=10)
    back = world.clock.now

    world.advance(deployment)
    assert (deployment.stage, len(told(deployment))) == (Stage.BAKE_TIME, 1)
    world.run(deployment)

    assert deployment.status == Status.SUCCESSFUL
    ended = deployment.stage_runs.get(stage=Stage.BAKE_TIME).finished_at
    assert ended is not None and (ended - back).total_seconds() >= 40


def test_an_outage_of_aws_is_no_time_that_somebody_watched() -> None:
    world = make_world(gate=False, scale_up_timeout_seconds=40)
    deployment = starting(world)
    world.aws.fail_next("services", errors.Unavailable, times=8)
    come_up(world)

    world.run(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert len(told(deployment)) == 1


def test_a_worker_that_is_a_little_late_is_not_told_of() -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    world.clock.now = max(world.clock.now, deployment.next_check_at or world.clock.now)
    world.clock.forward(seconds=19)

    world.run(deployment)

    assert told(deployment) == []


@pytest.mark.parametrize("click", [turning_back.stop, turning_back.roll_back], ids=["stop", "roll back"])
def test_who_turns_it_back_after_time_that_nobody_watched_finds_that_written_down(click: Callable[..., None]) -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    world.clock.forward(minutes=7)
    click(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())

    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert len(told(deployment)) == 1


def test_what_aws_refuses_after_time_in_which_nobody_looked_is_told_after_that() -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    world.clock.forward(minutes=7)
    world.aws.fail_next("services", errors.Denied)

    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    kinds = [event.kind for event in deployment.events.order_by("number")]
    assert kinds.index("deployment.unwatched") < kinds.index("deployment.rollback_started")


def test_the_time_before_a_failed_way_back_is_tried_again_is_nobodys_to_watch() -> None:
    world = make_world(gate=False)
    deployment = world.run(world.request(), until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    world.aws.fail_next("SetWeights", errors.Denied, times=2)
    world.run(deployment)
    assert deployment.status == Status.ROLLBACK_FAILED, deployment.status_reason
    world.clock.forward(minutes=7)

    person = Principal.person(world.requester)
    turning_back.retry_roll_back(deployment=deployment, principal=person, now=world.clock())
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert told(deployment) == []


class Standing:
    """The host stands still for a minute and a half in the middle of one order to AWS, or one question."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch, name: str, word: str = "") -> None:
        self._call, self._world, self._word = getattr(world.aws, name), world, word
        monkeypatch.setattr(world.aws, name, self)

    def __call__(self, *given: Any, **named: Any) -> Any:
        answer = self._call(*given, **named)
        if self._word in type(given[0]).__name__:
            self._word = "never again"
            self._world.clock.forward(seconds=90)
        return answer


@pytest.mark.parametrize(("name", "word"), [("perform", "UpdateService"), ("rule", "")], ids=["order", "question"])
def test_a_host_that_stands_still_in_the_middle_of_a_look_has_not_watched(
    name: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(gate=False, scale_up_timeout_seconds=40)
    deployment = starting(world) if name == "rule" else world.request()
    world.aws.scale_after = 3
    come_up(world)
    Standing(world, monkeypatch, name, word)

    world.run(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert len(told(deployment)) == 1
