"""The course of a deployment over time: rates, shares, gates, marks, and what is planned."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from deployments.delivery.models import Deployment, Measurement
from deployments.delivery.views.course import Course
from deployments.delivery.views.course_marks import MarkKind
from deployments.record.append import append_event
from deployments.vocabulary import GateStatus, Role, Slot, Status
from tests.delivery import stages
from tests.delivery.engine.world import World
from tests.delivery.views.conftest import Seen, change

SLOTS: dict[str, Any] = {"source_slot": "blue", "target_slot": "green"}


def course(world: World, seen: Seen, deployment: Deployment) -> Course:
    return seen(deployment, world.requester).course


def look(deployment: Deployment, at: datetime, percent: float, **columns: float) -> None:
    """At both slots, of which green is the new one."""
    for slot, share in ((Slot.BLUE, 100 - percent), (Slot.GREEN, percent)):
        Measurement.objects.create(deployment=deployment, at=at, slot=slot, percent=share, **columns)


@pytest.fixture
def shifting(world: World) -> Deployment:
    """A canary that began a minute ago, and whose 10 % are watched."""
    deployment = stages.under_way(world, **SLOTS, position=4, percent=10)
    change(deployment, started_at=world.clock(), step_started_at=world.clock() + timedelta(seconds=60))
    world.clock.forward(seconds=60)
    return deployment


def test_what_was_counted_since_the_shift_becomes_requests_per_second(
    world: World, seen: Seen, shifting: Deployment
) -> None:
    start = world.clock()
    for seconds, requests in ((0, 0), (10, 100), (20, 400)):
        at = start + timedelta(seconds=seconds)
        look(shifting, at, 10, requests=requests, errors_5xx=requests // 100, latency_ms=80.0)

    found = course(world, seen, shifting).looks

    assert [look.seen[Role.TARGET].requests for look in found] == [None, 10, 20]
    assert [look.seen[Role.SOURCE].share_5xx for look in found] == [None, 1.0, 1.0]
    assert found[-1].seen[Role.TARGET].latency_ms == 80.0


def test_a_shift_begins_the_count_anew(world: World, seen: Seen, shifting: Deployment) -> None:
    start = world.clock()
    for seconds, percent, requests in ((0, 10, 0), (10, 10, 100), (20, 100, 300), (30, 100, 600)):
        look(shifting, start + timedelta(seconds=seconds), percent, requests=requests)

    found = [look.seen[Role.TARGET].requests for look in course(world, seen, shifting).looks]

    assert found == [None, 10, 30, 30]


def test_a_count_that_comes_by_the_minute_is_spread_over_it(world: World, seen: Seen, shifting: Deployment) -> None:
    start = world.clock()
    for seconds in range(0, 150, 15):  # as CloudWatch does: each minute is there a quarter of one late
        counted = {} if seconds < 75 else {"requests": 600 if seconds < 135 else 1200}
        look(shifting, start + timedelta(seconds=seconds), 10, **counted)

    found = [look.seen[Role.TARGET].requests for look in course(world, seen, shifting).looks]

    assert found == [None] * 5 + [10] * 5


def test_one_count_that_comes_within_a_moment_is_no_rush(world: World, seen: Seen, shifting: Deployment) -> None:
    look(shifting, world.clock(), 10, requests=0)
    look(shifting, world.clock() + timedelta(seconds=1), 10, requests=500)

    assert course(world, seen, shifting).looks[-1].seen[Role.TARGET].requests is None


def test_traffic_goes_in_the_steps_that_were_seen(world: World, seen: Seen, shifting: Deployment) -> None:
    start = world.clock()
    look(shifting, start, 0)
    look(shifting, start + timedelta(seconds=5), 10)
    look(shifting, start + timedelta(seconds=9), 10)

    found = course(world, seen, shifting)

    assert [(share.at, share.percent) for share in found.shares] == [
        (found.begins, 0), (start + timedelta(seconds=5), 10)
    ]  # fmt: skip
    assert [(side.word, side.version, side.slot) for side in found.sides] == [
        ("old", "", "blue"), ("new", "1.1.0", "green")
    ]  # fmt: skip


def test_the_rest_of_the_plan_begins_now_and_counts_what_was_watched_already(
    world: World, seen: Seen, shifting: Deployment
) -> None:
    bake = shifting.plan["steps"][4]["bake_seconds"]
    world.clock.forward(seconds=20)

    planned = course(world, seen, shifting).planned

    assert [share.percent for share in planned[:2]] == [10, 100]
    assert planned[0].at == world.clock()
    assert planned[1].at == world.clock() + timedelta(seconds=bake - 20)


@pytest.mark.parametrize("status", [Status.ROLLBACK_IN_PROGRESS, Status.SUCCESSFUL])
def test_nothing_is_planned_of_what_turns_back_or_is_over(
    world: World, seen: Seen, shifting: Deployment, status: Status
) -> None:
    change(shifting, status=status)

    assert course(world, seen, shifting).planned == ()


def test_a_gate_says_for_whom_it_waits_and_then_who_decided(world: World, seen: Seen) -> None:
    gate = stages.at_gate(world)
    (waits,) = course(world, seen, gate.deployment).gates
    assert (waits.closed_at, waits.who) == (None, "waits for 1 approval by anyone with the right to approve")

    gate.status, gate.reason, gate.closed_at = GateStatus.SUCCEEDED, "approved by anna", world.clock()
    gate.save()

    (passed,) = course(world, seen, gate.deployment).gates
    assert (passed.closed_at, passed.who) == (world.clock(), "approved by anna")


def test_alarms_and_what_people_did_are_marked(world: World, seen: Seen, shifting: Deployment) -> None:
    for kind, message in (
        ("deployment.noted", "Nothing much"),
        ("deployment.gone_on", "manager goes on now"),
        ("deployment.rollback_started", "Alarm shop-5xx is in ALARM"),
    ):
        append_event(shifting, kind, message, now=world.clock())

    found = course(world, seen, shifting).marks

    assert [(mark.kind, mark.text) for mark in found] == [
        (MarkKind.EVENT, "manager goes on now"), (MarkKind.ALARM, "Alarm shop-5xx is in ALARM")
    ]  # fmt: skip


def test_a_roll_back_that_a_person_asked_for_is_one_mark(world: World, seen: Seen, shifting: Deployment) -> None:
    for kind, message in (
        ("deployment.rollback_requested", "Roll back asked for by manager: looks odd"),
        ("deployment.rollback_started", "Turning back: Roll back asked for by manager: looks odd"),
    ):
        append_event(shifting, kind, message, now=world.clock())

    assert [mark.text for mark in course(world, seen, shifting).marks] == ["Roll back asked for by manager: looks odd"]


@pytest.mark.parametrize(("ago", "shown"), [(40, 40), (0, 0), (-5, 0), (86_400, 0)])
def test_an_alarm_stands_where_it_rang_by_cloudwatchs_clock(
    world: World, seen: Seen, shifting: Deployment, ago: int, shown: int
) -> None:
    Deployment.objects.filter(pk=shifting.pk).update(started_at=world.clock() - timedelta(seconds=60))
    shifting.refresh_from_db()
    now = world.clock()
    data = {"alarm_since": (now - timedelta(seconds=ago)).isoformat()}
    append_event(shifting, "deployment.rollback_started", "Alarm shop-5xx is in ALARM: 3 of 3", now=now, data=data)

    (mark,) = course(world, seen, shifting).marks

    assert (mark.kind, now - mark.at) == (MarkKind.ALARM, timedelta(seconds=shown))


def test_of_very_many_looks_some_are_left_out_and_the_newest_is_there(
    world: World, seen: Seen, shifting: Deployment
) -> None:
    start = world.clock()
    Measurement.objects.bulk_create(
        Measurement(deployment=shifting, at=start + timedelta(seconds=n), slot=slot, percent=10, requests=n)
        for n in range(1000) for slot in Slot
    )  # fmt: skip

    found = course(world, seen, shifting).looks

    assert len(found) == 200
    assert found[-1].at == start + timedelta(seconds=999)
    assert found[0].at < start + timedelta(seconds=5)
    assert all(set(look.seen) == set(Role) for look in found)
