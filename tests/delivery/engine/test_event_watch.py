"""AWS's events at a gate at 10 %: what is heard makes the deployment look, and nothing else does."""

import json
from datetime import timedelta
from typing import Any

import pytest

from deployments.aws import errors
from deployments.aws.actions import Action, Made, PutEvents
from deployments.aws.events_queue import Message
from deployments.delivery.models import EventsQueue
from deployments.ops import events_listener
from deployments.vocabulary import Status
from tests.delivery.engine.event_watch_world import (
    HERE,
    an_hour_goes_by,
    at_the_gate,
    make_listening_world,
    tell,
    tell_echo,
    tell_of_alarm,
)
from tests.delivery.engine.world import NOON
from tests.fakes.aws import SHOP

pytestmark = pytest.mark.django_db


def test_nothing_is_asked_of_aws_however_long_people_think() -> None:
    world = make_listening_world()
    deployment = at_the_gate(world)
    calls = dict(world.aws.calls)

    an_hour_goes_by(world, deployment)

    assert dict(world.aws.calls) == calls
    world.approve(deployment)
    world.run(deployment)
    assert (deployment.status, world.share("green")) == (Status.SUCCESSFUL, 100)


def test_an_echo_may_be_heard_before_it_is_written_down_that_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_listening_world()
    deployment = world.request()
    perform = world.aws.perform

    def performing(action: Action) -> Made:
        made = perform(action)
        if isinstance(action, PutEvents):
            tell_echo(world, deployment)
        return made

    monkeypatch.setattr(world.aws, "perform", performing)
    world.run(deployment)
    world.advance(deployment)

    assert "AWS tells of alarms" in deployment.waiting_for


def test_an_alarm_turns_it_back_the_moment_that_aws_tells() -> None:
    world = make_listening_world()
    deployment = at_the_gate(world)

    tell_of_alarm(world, deployment)
    deployment.refresh_from_db()
    assert deployment.next_check_at == world.clock.now
    world.run(deployment)

    assert (deployment.status, world.share("blue")) == (Status.ROLLBACK_SUCCESSFUL, 100)
    assert "Alarm shop-5xx is in ALARM: Threshold Crossed" in deployment.status_reason


def test_targets_that_die_turn_it_back_when_their_task_stops() -> None:
    world = make_listening_world()
    deployment = at_the_gate(world)
    world.aws.set_health(deployment.facts["task_definition"], "unhealthy", "Target.Timeout", "Request timed out")

    cluster = f"arn:aws:ecs:eu-central-1:123456789012:cluster/{SHOP.cluster}"
    stopped = {"clusterArn": cluster, "group": "service:shop-green", "lastStatus": "STOPPED"}
    tell(world, "aws.ecs", "ECS Task State Change", **stopped)
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "No target of new 1.1.0 is healthy" in deployment.status_reason


def test_a_false_alarm_costs_one_look() -> None:
    world = make_listening_world()
    deployment = at_the_gate(world)
    before = world.aws.calls["alarms"]

    tell(world, "aws.cloudwatch", "CloudWatch Alarm State Change", alarmName=SHOP.alarm)
    world.run(deployment)
    an_hour_goes_by(world, deployment)

    assert world.aws.calls["alarms"] == before + 1
    assert deployment.status == Status.IN_PROGRESS


def test_what_is_heard_while_a_pass_is_under_way_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_listening_world()
    deployment = at_the_gate(world)
    tell(world, "aws.cloudwatch", "CloudWatch Alarm State Change", alarmName=SHOP.alarm)
    read = world.aws.alarms

    def late(names: Any) -> Any:
        monkeypatch.setattr(world.aws, "alarms", read)
        found = read(names)
        tell_of_alarm(world, deployment)
        return found

    monkeypatch.setattr(world.aws, "alarms", late)
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL


def test_when_nobody_reads_the_queue_any_more_aws_is_asked() -> None:
    world = make_listening_world()
    deployment = at_the_gate(world)
    EventsQueue.objects.update(read_at=world.clock.now - timedelta(seconds=61))
    world.aws.alarm(SHOP.alarm, "ALARM", "Threshold Crossed")

    world.run(world.advance(deployment))
    deployment.refresh_from_db()
    world.clock.now = deployment.next_check_at or world.clock.now
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL


@pytest.mark.parametrize("error", [errors.Denied, errors.Unavailable])
def test_a_refused_echo_is_told_and_the_watch_goes_on_asking(error: type[errors.AwsError]) -> None:
    world = make_listening_world()
    world.aws.fail_next("PutEvents", error)

    deployment = world.run(world.request())
    world.advance(deployment)

    assert "aws.gone_without" in world.kinds(deployment)
    assert "AWS is asked, as it refused the event" in deployment.waiting_for
    world.aws.alarm(SHOP.alarm, "ALARM", "Threshold Crossed")
    world.clock.forward(seconds=15)
    world.run(deployment)
    assert deployment.status == Status.ROLLBACK_SUCCESSFUL


def test_others_are_left_alone() -> None:
    world = make_listening_world()
    deployment = at_the_gate(world)
    due = deployment.next_check_at

    tell(world, "aws.cloudwatch", "CloudWatch Alarm State Change", alarmName="of-somebody-else")
    tell(world, "tealgate", "Tealgate Echo", deployment="another")
    events_listener.hear(["no event"], world.clock())

    deployment.refresh_from_db()
    assert deployment.next_check_at == due


class Messages:
    """A queue with one message."""

    def __init__(self, body: str) -> None:
        self.waiting = [Message(body, "receipt")]

    def receive(self) -> tuple[Message, ...]:
        return tuple(self.waiting)

    def delete(self, messages: tuple[Message, ...]) -> None:
        self.waiting = [message for message in self.waiting if message not in messages]


def test_a_message_is_deleted_once_it_was_heard_and_that_the_queue_was_read_is_noted() -> None:
    world = make_listening_world()
    deployment = at_the_gate(world)
    told = {**HERE, "source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change"}
    messages = Messages(json.dumps({**told, "detail": {"alarmName": SHOP.alarm}}))
    world.clock.forward(minutes=5)

    events_listener.listen(messages, world.clock)

    deployment.refresh_from_db()
    assert (messages.waiting, deployment.next_check_at) == ([], world.clock.now)
    assert EventsQueue.objects.get().read_at == world.clock.now


def test_a_message_that_could_not_be_heard_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = Messages("anything")

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(events_listener, "hear", broken)
    with pytest.raises(ZeroDivisionError):
        events_listener.listen(messages, lambda: NOON)

    assert len(messages.waiting) == 1
