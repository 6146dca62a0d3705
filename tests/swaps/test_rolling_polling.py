"""When ROLLING looks again: soon after a change and around the end, seldom in between, and all together."""

from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from deployments.aws.values import Rollout, Service
from deployments.swaps.decisions import Wait
from deployments.swaps.rolling import polling
from deployments.swaps.rolling.facts import Snapshot
from tests.fakes.aws import FakeGateway
from tests.swaps.cases import NOON, seconds
from tests.swaps.rolling_cases import CONTROLLER, deployment, learnt, old, returning, service, updating

STARTING = service(deployment(running=0, pending=2, rollout_state="IN_PROGRESS"), old())
DRAINING = service(deployment(rollout_state="IN_PROGRESS"), old(running=0))


def draining(since: float, **changes: Any) -> Service:
    """All new tasks run, and for so long the old ones drain, which takes 30 s."""
    return replace(DRAINING, **{"draining_since": NOON - seconds(since), **changes})


def sent_back() -> Snapshot:
    """On its way back, which ECS was told at noon."""
    return returning(updated_at=NOON, done=("register", "update", "back#0"))


def pause(seen: Service, since: float, now: datetime = NOON, **facts: Any) -> float:
    """Seconds until the next look when nothing has moved for so long."""
    first = polling.wait(updating(**facts), seen, now - seconds(since))
    again: Wait = polling.wait(replace(updating(**facts), facts=learnt(first)), seen, now)
    assert again.until is not None
    assert again.facts == first.facts
    return (again.until - now).total_seconds()


def draining_for(whole: int, since: float) -> float:
    """Seconds until the next look when draining takes `whole` seconds."""
    return pause(draining(since), since, drain_seconds=whole, updated_at=NOON - seconds(whole + 9))


@pytest.mark.parametrize(
    ("since", "most"), [(0, 0.5), (1, 0.5), (2, 1), (5, 2), (10, 4), (20, 8), (40, 16), (4000, 16)]
)
def test_the_longer_nothing_moves_the_seldomer_it_looks(since: float, most: float) -> None:
    assert most / 2 <= pause(STARTING, since, drain_seconds=None) <= 1.5 * most


@pytest.mark.parametrize(("drain", "most"), [(0, 0.5), (10, 0.5), (30, 1), (60, 2), (300, 8), (3600, 8)])
def test_it_looks_as_seldom_as_the_draining_to_come_allows(drain: int, most: float) -> None:
    assert most / 2 <= pause(STARTING, 0, drain_seconds=drain) <= 1.5 * most


@pytest.mark.parametrize(("drain", "most"), [(5, 2), (10, 4), (30, 16), (60, 32), (300, 64), (3600, 64)])
def test_while_tasks_only_drain_it_looks_once_on_the_way_or_once_a_minute(drain: int, most: float) -> None:
    assert most / 2 <= draining_for(drain, 0) <= 1.5 * most


@pytest.mark.parametrize("drain", [1, 10, 30, 60, 300, 3600])
@pytest.mark.parametrize("part", [0, 0.1, 0.5, 0.9, 0.99])
def test_it_looks_when_draining_should_be_over(drain: int, part: float) -> None:
    since = drain * part

    while since < drain:
        since += draining_for(drain, since)

    assert since <= drain + 0.5


def looks(drain: int, last_time: Rollout | None, begins: float) -> list[float]:
    """Seconds after the update of all looks at a deployment whose old tasks begin to drain after `begins` of them."""
    snapshot = updating(updated_at=NOON, drain_seconds=drain, last_time=last_time)
    told = polling.wait_to_begin(snapshot, NOON)
    made: list[float] = []
    while True:
        assert told.until is not None
        made.append((told.until - NOON).total_seconds())
        if made[-1] >= begins + drain:
            return made
        seen = draining(0, draining_since=NOON + seconds(begins)) if made[-1] >= begins else STARTING
        told = polling.wait(snapshot, seen, told.until)
        snapshot = replace(snapshot, facts=learnt(told))


@pytest.mark.parametrize(("drain", "most"), [(0, 1), (1, 1), (60, 4), (300, 7)])
@pytest.mark.parametrize("begins", [7.8, 9.1, 10])
def test_a_deployment_that_goes_like_the_one_before_takes_few_looks(drain: int, most: int, begins: float) -> None:
    made = looks(drain, Rollout(draining=9.9, completed=9.9 + drain), begins)

    assert len(made) <= most
    assert begins + drain <= made[-1] <= 11 + drain


def test_people_are_told_how_long_the_deployment_before_took() -> None:
    begun = {"updated_at": NOON, "last_time": Rollout(draining=9.9, completed=130)}

    assert polling.wait_to_begin(updating(**begun), NOON).reason == (
        "ECS begins to deploy to api; the deployment before took 2 min"
    )


def test_where_draining_took_no_time_the_end_is_looked_for_at_once() -> None:
    begun = {"updated_at": NOON, "drain_seconds": 30, "last_time": Rollout(draining=9.1, completed=9.4)}

    assert polling.wait_to_begin(updating(**begun), NOON).until == NOON + seconds(10)


def test_one_that_takes_longer_is_looked_at_often_once_it_should_be_over() -> None:
    made = looks(0, Rollout(draining=None, completed=5), begins=9)

    assert made[-1] <= 12
    assert all(later - look <= 2.5 for look, later in pairwise([5, *made]))


def test_people_can_watch_tasks_start_for_as_long_as_the_last_time() -> None:
    made = looks(60, Rollout(draining=120, completed=181), begins=120)

    assert 3 <= sum(look < 120 for look in made) <= 4


def test_where_nothing_drained_the_last_time_the_end_tells_when_tasks_should_run() -> None:
    made = looks(60, Rollout(draining=None, completed=12), begins=13)

    assert 12 <= next(look for look in made if look > 9) <= 16


@pytest.mark.parametrize(
    ("since", "told"),
    [
        (10, "2 of 2 new tasks run; old ones should have drained by 12:00:20 UTC"),
        (31, "2 of 2 new tasks run; old ones are draining"),
    ],
)
def test_people_are_told_when_tasks_should_have_drained(since: float, told: str) -> None:
    assert polling.wait(updating(), draining(since), NOON).reason == told


@pytest.mark.parametrize("since", [30, 30.2, 31])
def test_it_looks_often_from_then_on(since: float) -> None:
    assert pause(draining(since), since) <= 0.75


@pytest.mark.parametrize(("since", "most"), [(32, 1), (34, 2), (40, 4), (50, 8)])
def test_the_longer_draining_should_have_been_over_the_seldomer_it_looks(since: float, most: float) -> None:
    assert most / 2 <= pause(draining(since), since) <= 1.5 * most


def test_a_change_after_draining_should_have_been_over_makes_it_look_again_soon() -> None:
    assert pause(draining(60), since=0) <= 0.75


@pytest.mark.parametrize("counted", [0, 2])
def test_it_does_not_matter_whether_a_task_that_drains_counts_as_running(counted: int) -> None:
    seen = draining(30, deployments=(deployment(rollout_state="IN_PROGRESS"), old(running=counted)))

    assert pause(seen, 50) <= 0.75


@pytest.mark.parametrize(
    "seen",
    [
        draining(70),
        draining(30, deployments=(deployment(running=1, pending=1, rollout_state="IN_PROGRESS"), old())),
        draining(30, draining_since=None),
    ],
    ids=["of an earlier deployment", "others still start", "no event of it"],
)
def test_draining_that_tells_nothing_of_the_end_is_not_counted_on(seen: Service) -> None:
    assert pause(seen, 50) >= 8


def test_a_change_makes_it_look_again_soon() -> None:
    waited = polling.wait(updating(), STARTING, NOON - seconds(60))

    moved = polling.wait(replace(updating(), facts=learnt(waited)), DRAINING, NOON)

    assert moved.until is not None
    assert (moved.until - NOON).total_seconds() <= 1.5
    assert learnt(moved).phase_since == NOON


def test_deployments_that_began_apart_look_together() -> None:
    looks = {pause(STARTING, since) for since in (20.1, 22.3, 24.4, 27.9)}

    assert len(looks) == 1


@pytest.mark.parametrize(("later", "too_soon"), [(0, True), (0.2, True), (0.25, False), (3, False)])
@pytest.mark.parametrize("told", [updating(updated_at=NOON), sent_back()], ids=["forward", "back"])
def test_in_the_moment_in_which_ecs_is_told_nothing_is_read(told: Snapshot, later: float, too_soon: bool) -> None:
    aws = FakeGateway.single()

    decision = CONTROLLER.decide(told, CONTROLLER.observe(told, aws, NOON + seconds(later)), NOON + seconds(later))

    assert (aws.calls == {}) is too_soon
    if too_soon:
        assert isinstance(decision, Wait)
        assert decision.until is not None
        assert decision.until >= NOON + seconds(0.25)


def test_a_way_back_begins_at_once_however_short_ago_ecs_was_told() -> None:
    assert not polling.is_too_soon(returning(updated_at=NOON), NOON)
