"""The task that looks for what is due, every second and when it is, with a clock that the test turns."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from pytest_django.fixtures import Settings
from structlog.testing import capture_logs

from deployments import tasks
from deployments.catalog.models import Environment
from deployments.delivery import queue
from deployments.delivery.models import Deployment
from deployments.ops import draining, outages
from deployments.ops.models import Heartbeat
from deployments.record.append import append_event
from tests.delivery.engine.world import NOON, World, make_world
from tests.outages import away

pytestmark = pytest.mark.django_db


Nudged = list[tuple[float, tuple[int, ...]]]


class Seconds:
    """Time that passes only by sleeping; `at` holds what happens in which second."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.at: dict[float, Callable[[], Any]] = {}

    def monotonic(self) -> float:
        return self.passed

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.passed)

    def sleep(self, seconds: float) -> None:
        assert 0.1 <= seconds <= 1
        self.passed += seconds
        self.at.pop(self.passed, lambda: None)()


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Seconds:
    settings.HEARTBEAT_RUN_SECONDS = 3
    clock = Seconds()
    monkeypatch.setattr(tasks, "time", clock)
    monkeypatch.setattr(draining, "sleep", clock.sleep)
    monkeypatch.setattr(tasks, "clock", clock)
    return clock


@pytest.fixture
def nudged(seconds: Seconds, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nudged]:
    """(second, deployments) of each nudge, as the queue gets them."""
    seen: Nudged = []
    monkeypatch.setattr(queue, "_enqueue", lambda ids: seen.append((seconds.passed, tuple(ids))))
    monkeypatch.setattr(transaction, "on_commit", lambda call: call())  # the test's own transaction never commits
    yield seen


def beat(nudged: Nudged) -> None:
    nudged.clear()  # what the requests themselves asked for
    tasks.heartbeat()


HELD = ("blue_service", "green_service", "blue_target_group", "green_target_group", "production_rule", "test_rule")


@pytest.fixture
def world() -> World:
    return make_world(gate=False)


def another(world: World, name: str, **changes: Any) -> Deployment:
    """In the first one's region it has what nobody else has."""
    environment = Environment.objects.earliest("pk")
    environment.pk, environment.name = None, name
    environment._state.adding = True
    for column in () if "region" in changes else HELD:
        setattr(environment, column, getattr(environment, column).replace("shop", name))
    for column, value in changes.items():
        setattr(environment, column, value)
    environment.save()
    world.environment = environment
    return world.request()


def test_what_is_due_is_nudged_at_the_first_look(world: World, nudged: Nudged) -> None:
    deployment = world.request()

    beat(nudged)

    assert nudged == [(0, (deployment.pk,))]


def test_what_becomes_due_is_nudged_in_that_second(world: World, nudged: Nudged) -> None:
    deployment = world.request()
    Deployment.objects.update(next_check_at=NOON + timedelta(seconds=2))

    beat(nudged)

    assert nudged == [(2, (deployment.pk,))]


def test_what_becomes_due_within_a_second_is_nudged_then(world: World, nudged: Nudged) -> None:
    deployment = world.request()
    Deployment.objects.update(next_check_at=NOON + timedelta(seconds=1.5))

    beat(nudged)

    assert nudged == [(1.5, (deployment.pk,))]


def test_a_nudge_that_was_not_taken_up_is_taken_for_lost_later(
    world: World, nudged: Nudged, settings: Settings
) -> None:
    settings.HEARTBEAT_RUN_SECONDS = 40
    world.request()

    beat(nudged)

    assert [second for second, _ in nudged] == [0, 15, 30]


def test_an_event_is_to_be_handed_on_before_the_next_look(
    world: World, nudged: Nudged, seconds: Seconds, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People wait for what it tells."""
    settings.OUTBOX_RECEIVERS = ["tests.record.receivers.heard"]
    asked: list[tuple[float, str]] = []
    monkeypatch.setattr(queue, "ask", lambda task: asked.append((seconds.passed, task)))
    seconds.at[1.25] = lambda: append_event(world.environment, "environment.adopted", "x", now=seconds.now())

    beat(nudged)

    assert [moment for moment in asked if moment[1] == "deliver"] == [(1.25, "deliver")]


def test_what_is_due_anew_is_nudged_anew(world: World, nudged: Nudged, seconds: Seconds) -> None:
    world.request()
    seconds.at[1] = lambda: Deployment.objects.update(next_check_at=NOON + timedelta(seconds=1))

    beat(nudged)

    assert [second for second, _ in nudged] == [0, 1]


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "SUCCESSFUL"},
        {"next_check_at": NOON + timedelta(hours=1)},
        {"lease_token": "host:1:a", "lease_expires_at": NOON + timedelta(hours=1)},
    ],
)
def test_what_is_done_or_held_or_waits_is_left_alone(world: World, nudged: Nudged, columns: dict[str, Any]) -> None:
    world.request()
    Deployment.objects.update(**columns)

    beat(nudged)

    assert nudged == []


def test_many_are_nudged_in_chunks_that_share_an_account_and_cluster(world: World, nudged: Nudged) -> None:
    first = [another(world, f"one-{number}", cluster="one").pk for number in range(3)]
    second = [another(world, f"two-{number}", cluster="two").pk for number in range(4)]
    third = [another(world, f"three-{number}", cluster="one").pk for number in range(2)]

    beat(nudged)

    assert [(second, set(ids)) for second, ids in nudged] == [(0, {*first, *third}), (0, set(second))]


def test_no_chunk_has_more_names_than_one_call_takes(world: World, nudged: Nudged) -> None:
    for number in range(12):
        another(world, f"one-{number}", cluster="one")

    beat(nudged)

    assert [len(ids) for _, ids in nudged] == [10, 2]


def test_idle_environments_that_are_due_are_looked_at_and_asked_about_seldom(
    world: World, nudged: Nudged, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.HEARTBEAT_RUN_SECONDS = 7
    asked: list[str] = []
    monkeypatch.setattr(queue, "ask", asked.append)
    Deployment.objects.all().delete()
    Environment.objects.update(live_release=world.release)

    tasks.heartbeat()
    assert asked == ["look_around"] * 2  # at once, and 5 s later, since nobody took it up

    Environment.objects.update(compared_at=NOON)
    tasks.heartbeat()
    assert len(asked) == 2


def test_after_the_clock_went_back_everything_is_looked_at_at_once(
    world: World, nudged: Nudged, seconds: Seconds
) -> None:
    deployment = world.request()
    far = NOON + timedelta(minutes=2, seconds=30)
    Deployment.objects.update(next_check_at=far, lease_token="host:1:a", lease_expires_at=far + timedelta(seconds=90))
    Heartbeat.objects.create(id=1, token="another", beat_at=far)

    with capture_logs() as lines:
        beat(nudged)

    assert [line["seconds"] for line in lines if line["event"] == "the clock went back"] == [150]
    deployment.refresh_from_db()
    assert (deployment.next_check_at, deployment.lease_expires_at) == (NOON, NOON + timedelta(seconds=90))


def test_two_heartbeats_that_are_dated_a_moment_apart_are_no_jump(world: World, nudged: Nudged) -> None:
    far = NOON + timedelta(minutes=2)
    world.request()
    Deployment.objects.update(next_check_at=far)
    Heartbeat.objects.create(id=1, token="another", beat_at=NOON + timedelta(seconds=4))

    beat(nudged)

    assert Deployment.objects.get().next_check_at == far


def test_a_new_heartbeat_takes_over(world: World, nudged: Nudged, seconds: Seconds) -> None:
    seconds.at[1] = lambda: Heartbeat.objects.update(token="another")
    seconds.at[2] = lambda: pytest.fail("the old one still looks")

    beat(nudged)

    assert seconds.passed == 1


def test_a_heartbeat_ends_by_itself(nudged: Nudged, seconds: Seconds) -> None:
    beat(nudged)

    assert seconds.passed == 3
    assert Heartbeat.objects.get().beat_at == NOON + timedelta(seconds=2)


def test_a_heartbeat_notes_how_late_the_most_overdue_is(world: World, nudged: Nudged) -> None:
    world.request()
    Deployment.objects.update(next_check_at=NOON - timedelta(seconds=40))

    beat(nudged)

    assert Heartbeat.objects.get().lag_seconds == 42.75
    Deployment.objects.all().update(status="SUCCESSFUL")
    beat(nudged)
    assert Heartbeat.objects.get().lag_seconds == 0


def test_the_task_takes_deployments_as_far_as_they_go(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = world.request()
    monkeypatch.setattr(tasks, "connect", lambda binding: world.aws)

    tasks.advance([deployment.pk])

    deployment.refresh_from_db()
    assert (deployment.status, deployment.stage) == ("IN_PROGRESS", "PRODUCTION_TRAFFIC_SHIFT")


def test_the_task_hands_back_what_a_slow_account_leaves_no_time_for(
    world: World, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployments = [world.request(), another(world, "staging", region="eu-west-1")]
    identity = world.aws.identity

    def slow(*since: Any) -> Any:
        seconds.passed += tasks.PASS_SECONDS + 1
        return identity(*since)

    monkeypatch.setattr(world.aws, "identity", slow)
    monkeypatch.setattr(tasks, "connect", lambda binding: world.aws)

    tasks.advance([deployment.pk for deployment in deployments])

    for deployment in deployments:
        deployment.refresh_from_db()
    assert sorted(deployment.status for deployment in deployments) == ["IN_PROGRESS", "PENDING"]
    assert {(deployment.lease_token, deployment.next_check_at) for deployment in deployments} == {("", seconds.now())}


def test_on_a_worker_that_is_asked_to_stop_it_ends_at_once(
    world: World, nudged: Nudged, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(draining, "asked", lambda: bool(asked))
    seconds.at[1] = lambda: asked.append(True)

    beat(nudged)
    assert seconds.passed == 1

    Heartbeat.objects.update(token="another's")
    beat(nudged)
    assert Heartbeat.objects.get().token == "another's"


def test_an_outage_of_the_database_does_not_end_it(
    world: World, nudged: Nudged, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "connections", SimpleNamespace(close_all=lambda: None))
    deployment = world.request()
    Deployment.objects.update(next_check_at=NOON + timedelta(seconds=1.5))

    with capture_logs() as lines, away(lambda: seconds.passed == 1):
        beat(nudged)

    assert nudged == [(2, (deployment.pk,))]
    assert [line["during"] for line in lines if line["event"] == "the database does not answer"] == ["the heartbeat"]


def test_one_that_begins_in_an_outage_takes_over_afterwards(
    world: World, nudged: Nudged, seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "connections", SimpleNamespace(close_all=lambda: None))
    deployment = world.request()

    with away(lambda: seconds.passed < 1):
        beat(nudged)

    assert nudged == [(1, (deployment.pk,))]
    assert Heartbeat.objects.get().token
