"""What time alone makes due: reminders, what was held back, weekly letters, and that nobody can look."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from deployments.catalog.models import Environment
from deployments.delivery.models import Deployment, Gate
from deployments.record.append import append_event
from deployments.telling.notifications.models import GateReminder, Message, Notice, Pace
from deployments.telling.notifications.receiving import take
from deployments.telling.notifications.timing import gathering, passing
from deployments.telling.notifications.timing.due import MOST_AN_HOUR
from tests.delivery.engine.world import World
from tests.telling.notifications.people import address, channel, join, newest, prefer


@pytest.fixture
def waiting(world: World) -> Gate:
    deployment = world.run(world.request())
    take(newest(deployment, "gate.opened"), world.clock())
    return deployment.gates.get()


def pass_by(world: World, **delta: float) -> None:
    """Two workers look then."""
    world.clock.forward(**delta)
    for _ in range(2):
        passing.tell(world.clock())
    assert not passing.is_due(world.clock())


def subjects(**which: Any) -> list[str]:
    found = Notice.objects.filter(**which).order_by("pk")
    return [f"{each.person}: {each.subject.partition(':')[0]}" for each in found]


def test_who_has_not_decided_is_reminded_before_the_time_is_over(world: World, waiting: Gate) -> None:
    join("second", "Approvers")
    pass_by(world, minutes=44)
    assert subjects(kind="gate_reminder") == []
    assert not passing.is_due(world.clock())
    world.clock.forward(minutes=1)
    assert passing.is_due(world.clock())
    pass_by(world)
    assert subjects(kind="gate_reminder") == ["approver: Only 15 min left", "second: Only 15 min left"]
    pass_by(world, minutes=10)
    assert len(subjects(kind="gate_reminder")) == 2


def test_an_environment_says_when_it_reminds(world: World, waiting: Gate) -> None:
    Environment.objects.update(remind_after_minutes=10, remind_before_minutes=0)
    pass_by(world, minutes=9)
    assert subjects(kind="gate_reminder") == []
    pass_by(world, minutes=1)
    pass_by(world, minutes=49)
    assert subjects(kind="gate_reminder") == ["approver: Still waits for you"]


def test_nobody_is_reminded_of_a_gate_that_is_closed_or_whose_time_is_over(world: World, waiting: Gate) -> None:
    pass_by(world, minutes=60)
    Gate.objects.update(expires_at=world.clock.now + timedelta(minutes=1), status="FAILED")
    pass_by(world)
    assert not GateReminder.objects.exists()


def test_a_clock_that_is_set_back_reminds_nobody_again(world: World, waiting: Gate) -> None:
    pass_by(world, minutes=50)
    pass_by(world, minutes=-4)
    pass_by(world, minutes=2)
    assert subjects(kind="gate_reminder") == ["approver: Only 10 min left"]


def test_a_gate_that_was_given_more_time_reminds_again_before_that_is_over(world: World, waiting: Gate) -> None:
    pass_by(world, minutes=50)
    Gate.objects.update(expires_at=world.clock.now + timedelta(hours=2))
    pass_by(world, minutes=60)
    pass_by(world, minutes=50)
    assert subjects(kind="gate_reminder") == ["approver: Only 10 min left", "approver: Only 10 min left"]


def test_a_reminder_that_was_not_written_whole_is_written_again(
    world: World, waiting: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.clock.forward(minutes=50)
    with monkeypatch.context() as cut_off:
        cut_off.setattr(Notice.objects, "bulk_create", _killed)
        with pytest.raises(KeyboardInterrupt):
            passing.tell(world.clock())
    pass_by(world)
    assert subjects(kind="gate_reminder") == ["approver: Only 10 min left"]


def _killed(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def test_what_came_in_quiet_hours_comes_as_one_message_when_they_are_over(world: World) -> None:
    prefer(world.approver, quiet_from=time(11), quiet_until=time(13), zone="UTC")
    address(world.approver)
    deployment = world.run(world.request())
    event = newest(deployment, "gate.opened")
    take(event, world.clock())
    Gate.objects.update(position=99, status="SUCCEEDED")
    Message.objects.update(over_at=None)
    for kind in ("deployment.stopped", "deployment.failed"):
        world.environment.deployments.update(requested_by=world.approver)
        take(append_event(deployment, kind, "It ended.", now=world.clock()), world.clock())
    pass_by(world, minutes=59)
    assert not Message.objects.claimable(world.clock()).exists()
    pass_by(world, minutes=1)
    (summary,) = Message.objects.claimable(world.clock())
    assert summary.kind == "summary"
    assert "2 messages" in summary.content["subject"]
    assert [each.said for each in Message.objects.filter(kind="stuck")] == ["Told together with others."]


def test_one_that_was_held_back_alone_comes_as_itself(world: World) -> None:
    prefer(world.requester, pace=Pace.HOURLY)
    address(world.requester)
    deployment = world.request()
    world.clock.forward(minutes=20)
    take(append_event(deployment, "deployment.stopped", "Stopped.", now=world.clock()), world.clock())
    pass_by(world, minutes=40)
    assert [each.kind for each in Message.objects.claimable(world.clock())] == ["turned_back"]


def test_a_bad_hour_is_told_together_and_a_failed_roll_back_comes_at_once(world: World) -> None:
    place, deployment = address(channel("team")), world.request()
    said = {"kind": "live", "made_at": world.clock(), "due_at": world.clock(), "status": "SENT"}
    Message.objects.bulk_create(
        Message(address=place, key=f"before:{count}", thread=f"before:{count}", **said)
        for count in range(MOST_AN_HOUR - 1)
    )
    for _ in range(5):
        take(append_event(deployment, "deployment.failed", "It failed.", now=world.clock()), world.clock())
        world.clock.forward(seconds=1)
    assert Message.objects.claimable(world.clock()).count() == 1
    pass_by(world, minutes=15)
    (summary,) = Message.objects.filter(kind="summary", address=place)
    assert "4 messages" in summary.content["subject"]
    take(append_event(deployment, "deployment.rollback_failed", "Look.", now=world.clock()), world.clock())
    assert Message.objects.claimable(world.clock()).filter(kind="rollback_failed").exists()


def test_two_workers_send_one_summary(world: World) -> None:
    place = address(channel("team"))
    for key in "ab":
        Message.objects.create(
            address=place, key=key, kind="live", content={"subject": f"Live: {key}"}, thread=key, is_held=True,
            made_at=world.clock(), due_at=world.clock(),
        )  # fmt: skip
    assert [gathering.gather(world.clock()) for _ in range(2)] == [1, 0]
    assert Message.objects.filter(kind="summary").count() == 1


def test_nobody_can_look_for_long_is_told_once_and_that_it_moves_again(world: World) -> None:
    place = address(channel("team", kinds=["stuck"]))
    deployment = world.request()
    world.advance(deployment)
    world.clock.now = deployment.watched_until or world.clock.now
    Deployment.objects.update(failures=3, waiting_for="ECS did not answer")
    pass_by(world, minutes=9)
    assert not deployment.events.filter(kind="deployment.stuck").exists()
    pass_by(world, minutes=1)
    pass_by(world, minutes=30)
    (event,) = deployment.events.filter(kind="deployment.stuck")
    assert event.message.startswith(
        "Nobody could look at it for 10 min, since 2026-03-02 12:00 UTC. ECS did not answer."
    )
    take(event, world.clock())
    Message.objects.update(status="SENT", attempts=1)
    world.advance(deployment)
    take(newest(deployment, "deployment.unwatched"), world.clock())
    assert [(each.kind, each.does) for each in place.messages.order_by("pk")] == [
        ("stuck", "TELL"),
        ("stuck", "RESOLVE"),
    ]


def test_the_weekly_letter_comes_once_a_week_by_the_readers_clock(world: World) -> None:
    reader = join("reader", "Viewers")
    prefer(reader, weekly=True, zone="America/New_York", kinds=[])
    prefer(User.objects.create(username="blind"), weekly=True)
    deployment = world.request()
    Deployment.objects.filter(pk=deployment.pk).update(status="SUCCESSFUL", finished_at=world.clock.now)
    pass_by(world, days=1)
    assert subjects() == []
    world.clock.now = datetime(2026, 3, 9, 11, 59, tzinfo=UTC)
    Deployment.objects.update(finished_at=world.clock.now)
    pass_by(world)
    pass_by(world, minutes=1)
    pass_by(world, hours=30)
    assert subjects() == ["reader: Your week"]
