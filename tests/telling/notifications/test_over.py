"""What was told is taken back, or changed, once it is not so any more."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from deployments.catalog.models import GatePolicy
from deployments.delivery import approvals, turning_back
from deployments.delivery.models import Deployment
from deployments.ops.alerts.keeping import OPERATIONS
from deployments.people.principal import Principal
from deployments.record.append import append_event
from deployments.telling.notifications import audience, over, written
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.models import (
    Does,
    Message,
    MessageStatus,
    Notice,
    NotificationAddress,
    NotificationPreference,
)
from deployments.telling.notifications.receiving import take
from tests.delivery.engine.world import World
from tests.telling.notifications.people import address, channel, join, newest, prefer


@pytest.fixture
def world(world: World) -> World:
    address(world.approver)
    address(join("second", "Approvers"))
    return world


def hear_all(deployment: Deployment, world: World) -> None:
    """Twice, since the outbox tells at least once."""
    for event in [*deployment.events.order_by("pk"), *deployment.events.order_by("pk")]:
        take(event, world.clock())


def sent(**which: Any) -> None:
    Message.objects.filter(**which).update(status=MessageStatus.SENT, attempts=1)


def rows(**which: Any) -> list[tuple[str, str, str, str]]:
    found = Message.objects.filter(**which).order_by("pk")
    return [(each.address.of, each.kind, each.does, each.status) for each in found]


@pytest.fixture
def waiting(world: World) -> Deployment:
    deployment = world.run(world.request())
    hear_all(deployment, world)
    return deployment


def test_whoever_need_not_decide_any_more_is_not_asked(world: World, waiting: Deployment) -> None:
    sent(address__person=world.approver)
    world.approve(waiting, User.objects.get(username="second"))
    hear_all(waiting, world)
    assert rows(thread__startswith="gate:") == [
        ("approver", "gate_waits", "TELL", "SENT"),
        ("second", "gate_waits", "TELL", "DROPPED"),
        ("approver", "gate_decided", "UPDATE", "WAITING"),
    ]
    assert set(Notice.objects.filter(kind="gate_waits").values_list("over", flat=True)) == {"Approved by second."}
    update = Message.objects.get(does=Does.UPDATE)
    assert update.of == Message.objects.get(address=update.address, does=Does.TELL)


def test_a_channel_is_told_that_it_waits_for_approval_and_a_person_that_it_waits_for_them(world: World) -> None:
    address(channel())
    hear_all(world.run(world.request()), world)

    subjects = {each.address.channel_id is None: each.content["subject"] for each in Message.objects.all()}
    assert subjects == {
        True: "Waits for you: shop 1.1.0 to production",
        False: "Waits for approval: shop 1.1.0 to production",
    }


def test_who_has_approved_is_asked_no_more_and_the_other_still_is(world: World) -> None:
    GatePolicy.objects.update(approvals=2)
    deployment = world.run(world.request())
    hear_all(deployment, world)
    sent()
    world.approve(deployment)
    hear_all(deployment, world)
    assert rows(does=Does.UPDATE) == [("approver", "gate_decided", "UPDATE", "WAITING")]
    assert [each.person.username for each in Notice.objects.filter(over_at__isnull=True)] == ["second"]


def test_a_message_on_its_way_is_followed_and_not_dropped(world: World, waiting: Deployment) -> None:
    Message.objects.update(lease_token="teller", lease_expires_at=world.clock.now.replace(hour=13), attempts=1)
    gate = waiting.gates.get()
    approvals.reject(gate=gate, principal=Principal.person(world.approver), comment="no", now=world.clock())
    take(newest(waiting, "gate.rejected"), world.clock())
    assert rows(status=MessageStatus.DROPPED) == []
    assert len(rows(does=Does.UPDATE)) == 2


@pytest.mark.parametrize(
    ("columns", "said", "followed"),
    [
        ({}, "Not sent again: ", False),
        ({"maybe_twice": True}, "Not sent again: ", True),
        ({"said": "It is on its way."}, "Not sent again: ", True),
        ({"service": "pagerduty"}, "no", True),
    ],
    ids=["failed", "perhaps arrived", "cut off", "known by its key"],
)
def test_what_a_service_that_was_down_did_not_take_asks_nobody_once_it_is_back(
    world: World, waiting: Deployment, columns: dict[str, Any], said: str, followed: bool
) -> None:
    asked = Message.objects.filter(address__person__username="second")
    service = columns.get("service", "json")
    NotificationAddress.objects.update(service=service)
    tried = {name: value for name, value in columns.items() if name != "service"}
    asked.update(**{"attempts": 2, "said": "no", **tried})

    world.approve(waiting)
    hear_all(waiting, world)

    first, *updates = asked.order_by("pk")
    assert first.said.startswith(said)
    assert first.status == (MessageStatus.WAITING if said == "no" else MessageStatus.DROPPED)
    assert [each.does for each in updates] == [Does.UPDATE] * followed


def test_a_stopped_deployment_asks_nobody(world: World, waiting: Deployment) -> None:
    turning_back.stop(deployment=waiting, principal=Principal.person(world.requester), now=world.clock())
    world.run(waiting)
    hear_all(waiting, world)
    assert {status for *_, status in rows(kind="gate_waits")} == {"DROPPED"}
    assert not Notice.objects.filter(kind="gate_waits", over_at__isnull=True).exists()


def test_a_turned_back_release_is_told_once_and_changed_when_it_is_done(world: World, waiting: Deployment) -> None:
    address(channel("team", kinds=["turned_back", "live"]))
    for kind in ("deployment.rollback_started", "deployment.rollback_successful"):
        event = append_event(waiting, kind, "All is as before.", now=world.clock())
        take(event, world.clock())
        take(event, world.clock())
        sent(does=Does.TELL)
    assert rows(address__channel__isnull=False) == [
        ("team", "turned_back", "TELL", "SENT"),
        ("team", "turned_back", "UPDATE", "WAITING"),
    ]


def test_what_was_not_sent_yet_says_how_it_ended(world: World, waiting: Deployment) -> None:
    address(channel("team", kinds=["turned_back"]))
    turning_back.roll_back(deployment=waiting, principal=Principal.person(world.requester), now=world.clock())
    world.run(waiting)
    hear_all(waiting, world)
    (message,) = Message.objects.filter(address__channel__isnull=False)
    assert (message.status, message.content["subject"].split(":")[0]) == ("WAITING", "Turned back")


def test_the_inbox_says_that_it_was_turned_back_once_it_was(world: World, waiting: Deployment) -> None:
    subjects = []
    for kind in ("deployment.rollback_started", "deployment.rollback_successful"):
        take(append_event(waiting, kind, "All is as before.", now=world.clock()), world.clock())
        notice = Notice.objects.get(person=world.requester, kind="turned_back")
        assert notice.subject == notice.content["subject"]
        subjects.append(notice.subject.partition(":")[0])
    assert subjects == ["Turning back", "Turned back"]


def test_a_failed_roll_back_is_resolved_by_the_next_success(world: World, waiting: Deployment) -> None:
    address(channel("on call", kinds=["rollback_failed"]))
    take(append_event(waiting, "deployment.rollback_failed", "It stays.", now=world.clock()), world.clock())
    Deployment.objects.filter(pk=waiting.pk).update(status="ROLLBACK_FAILED")
    sent()
    following = world.request()
    for _ in range(2):
        take(append_event(following, "deployment.successful", "Live.", now=world.clock()), world.clock())
    assert rows(address__channel__isnull=False) == [
        ("on call", "rollback_failed", "TELL", "SENT"),
        ("on call", "live", "RESOLVE", "WAITING"),
    ]


def test_who_heard_that_it_failed_and_that_it_turned_back_hears_of_its_mending_once(
    world: World, waiting: Deployment
) -> None:
    place = address(world.requester)
    for kind in ("rollback_started", "rollback_failed", "rollback_retried", "rollback_successful"):
        event = append_event(waiting, f"deployment.{kind}", f"It is {kind}.", now=world.clock())
        for _ in range(2):
            take(event, world.clock())
        sent(address=place, status=MessageStatus.WAITING)

    told = [each.content for each in place.messages.filter(pk__in=news(place)).order_by("pk")]
    assert [each["subject"].partition(":")[0] for each in told] == ["Turning back", "Roll back failed", "Turned back"]
    (at_it,) = place.messages.filter(content__subject__startswith="Somebody is at it")
    assert at_it.content["subject"] == "Somebody is at it: Roll back failed: shop 1.1.0 on production"


def news(place: NotificationAddress) -> list[int]:
    """What is sent where nothing can be changed, as by e-mail."""
    rows = place.messages.all()
    return [each.pk for each in rows if each.does != Does.UPDATE or each.content.get("is_news")]


def test_who_is_on_call_need_not_look_any_more_once_it_is_retired(world: World, waiting: Deployment) -> None:
    on_call = address(channel("on call", kinds=["rollback_failed", "stuck"]), service="pagerduty")
    for kind in ("deployment.rollback_failed", "deployment.stuck"):
        take(append_event(waiting, kind, "It stays.", now=world.clock()), world.clock())
    Deployment.objects.filter(pk=waiting.pk).update(status="ROLLBACK_FAILED")
    sent()
    retired = append_event(world.environment, "environment.retired", "Retired: moved away", now=world.clock())
    for _ in range(2):
        take(retired, world.clock())

    resolved = Message.objects.filter(address=on_call, does=Does.RESOLVE).order_by("thread")
    assert [each.thread for each in resolved] == [
        f"rollback:deployment:{waiting.pk}", f"stuck:environment:{world.environment.pk}"
    ]  # fmt: skip
    assert {tuple(each.content["sentences"]) for each in resolved} == {("Retired: moved away.",)}
    assert not Notice.objects.filter(kind__in=("rollback_failed", "stuck"), over_at__isnull=True).exists()


def test_quiet_people_are_not_woken_by_what_is_over_in_the_morning(world: World) -> None:
    prefer(world.approver, quiet_from="11:00", quiet_until="13:00")
    deployment = world.run(world.request())
    hear_all(deployment, world)
    held = Message.objects.get(address__person=world.approver)
    assert (held.is_held, held.due_at) == (True, world.clock.now.replace(hour=13, minute=0))
    assert not Message.objects.claimable(world.clock.now.replace(hour=14)).filter(pk=held.pk).exists()
    world.approve(deployment, User.objects.get(username="second"))
    hear_all(deployment, world)
    held.refresh_from_db()
    assert held.status == MessageStatus.DROPPED


def test_an_operators_alert_is_told_until_it_is_over(world: World) -> None:
    address(channel("on call", kinds=[], is_operations=True))
    address(channel("team"))
    join("operator", "Administrators")
    raised = {"alert": "token_ends", "about": "ci", "owner": "requester", "afterwards": False}
    take(append_event(OPERATIONS, "operations.alert_raised", "It ends.", now=world.clock(), data=raised), world.clock())
    sent()
    over = {"alert": "token_ends", "about": "ci"}
    for _ in range(2):
        event = append_event(OPERATIONS, "operations.alert_over", "Over.", now=world.clock(), data=over)
        take(event, world.clock())
    assert rows() == [("on call", "token_ends", "TELL", "SENT"), ("on call", "token_ends", "RESOLVE", "WAITING")]
    assert {each.person.username: each.over for each in Notice.objects.all()} == {
        "operator": "Over.",
        "requester": "Over.",
    }


def test_what_nobody_could_be_told_is_told_afterwards(world: World) -> None:
    address(channel("on call", kinds=[], is_operations=True))
    data = {"alert": "database_refused", "about": "", "afterwards": True}
    event = append_event(OPERATIONS, "operations.alert_over", "It was away.", now=world.clock(), data=data)
    take(event, world.clock())
    assert rows() == [("on call", "database_refused", "TELL", "WAITING")]
    unknown = append_event(OPERATIONS, "operations.alert_raised", "?", now=world.clock(), data={"alert": "of another"})
    take(unknown, world.clock())
    assert len(rows()) == 1


def test_what_was_decided_while_people_were_being_asked_is_taken_back(world: World) -> None:
    deployment = world.run(world.request())
    event, gate = newest(deployment, "gate.opened"), deployment.gates.get()
    (asked,) = audience.of(event, world.clock())
    world.approve(deployment)
    take(newest(deployment, "gate.approved"), world.clock())
    written.write(asked, Content(subject="Waits for you"), world.clock(), event=event)
    over.catch_up(deployment.events.filter(at__gte=gate.opened_at), world.clock())
    assert {status for *_, status in rows(kind="gate_waits")} == {"DROPPED"}
    assert not Notice.objects.filter(kind="gate_waits", over_at__isnull=True).exists()


def test_a_hundred_people_are_told_by_as_many_queries_as_one(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    deployment = world.run(world.request())
    event = newest(deployment, "gate.opened")
    people = User.objects.bulk_create([User(username=f"p{count}") for count in range(100)])
    join("second").groups.get(name="Approvers").user_set.add(*people)
    NotificationPreference.objects.bulk_create([NotificationPreference(person=each) for each in people])
    for person in people:
        address(person)
    with django_assert_max_num_queries(40):
        take(event, world.clock())
    assert Message.objects.filter(kind="gate_waits").count() == 102
    world.approve(deployment)
    with django_assert_max_num_queries(40):
        take(newest(deployment, "gate.approved"), world.clock())
    assert Message.objects.filter(kind="gate_waits", status=MessageStatus.DROPPED).count() == 102


def test_an_end_that_comes_before_what_it_ends_still_ends_it(world: World, waiting: Deployment) -> None:
    address(channel("on call", kinds=["rollback_failed"]))
    failed = append_event(waiting, "deployment.rollback_failed", "It stays.", now=world.clock())
    retried = append_event(waiting, "deployment.rollback_successful", "All back.", now=world.clock())
    for event in (retried, failed):
        take(event, world.clock())
    (message,) = Message.objects.filter(kind="rollback_failed")
    assert message.over_at is not None
