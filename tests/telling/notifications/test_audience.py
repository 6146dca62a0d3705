"""Who is told of an event: whom a gate waits for, and whom it concerns how a deployment went."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from deployments.catalog.models import Application, GatePolicy
from deployments.delivery import approvals, turning_back
from deployments.delivery.models import Deployment
from deployments.people import holders, rights
from deployments.people.principal import Principal
from deployments.record.append import PEOPLE, append_event
from deployments.telling.notifications import audience
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import NotificationPreference
from tests.delivery.engine.world import World, person
from tests.telling.notifications.people import channel, join, names, newest, prefer, told


@pytest.fixture
def waiting(world: World) -> Deployment:
    return world.run(world.request())


def test_a_gate_waits_for_those_who_may_decide_and_have_not(world: World, waiting: Deployment) -> None:
    join("both", "Approvers", "Administrators", "Release managers")
    join("viewer", "Viewers")
    person("sees nothing", "decide_gate")
    inactive = join("inactive", "Approvers")
    User.objects.filter(pk=inactive.pk).update(is_active=False)
    (found,) = told(world, waiting, "gate.opened")
    assert names([found]) == ["approver", "both"]
    assert (found.kind, found.key) == (Kind.GATE_WAITS, f"gate:{waiting.gates.get().pk}")


def test_a_gate_of_a_group_waits_for_its_members_alone_once_each(world: World) -> None:
    policy = GatePolicy.objects.get()
    policy.groups.set([Group.objects.create(name="sre"), Group.objects.create(name="leads")])
    join("member", "Approvers", "sre", "leads")
    User.objects.create_superuser("root")
    deployment = world.run(world.request())
    assert names(told(world, deployment, "gate.opened")) == ["member"]


def test_who_decides_is_the_same_for_one_and_for_all(world: World, waiting: Deployment) -> None:
    for count, roles in enumerate((("Approvers",), ("Viewers",), ("Approvers", "sre"), ("Administrators",))):
        join(f"person{count}", *roles)
    User.objects.create_superuser("root")
    gate = waiting.gates.get()
    for groups, requester_may in ((), False), (("sre",), False), ((), True):
        gate.groups.set(Group.objects.filter(name__in=groups))
        gate.requester_may_approve = requester_may
        fresh = rights.Deciders(
            requester_id=waiting.requested_by_id,
            requester_may_approve=requester_may,
            groups=frozenset(groups),
            decided=frozenset(),
        )
        one_by_one = {each for each in User.objects.all() if not rights.decide_refusal(Principal.person(each), fresh)}
        assert set(holders.who_decide(fresh)) == one_by_one


def test_who_turns_back_is_the_same_for_one_and_for_all(world: World) -> None:
    join("manager", "Release managers")
    join("deployer", "Release managers", "deployers")
    User.objects.create_superuser("root")
    for groups in ([], ["deployers"]):
        world.environment.deployers.set(Group.objects.filter(name__in=groups))
        one_by_one = {
            each
            for each in User.objects.all()
            if not rights.turn_back_refusal(Principal.person(each), world.environment)
        }
        assert set(holders.who_turn_back(world.environment)) == one_by_one


def test_who_remains_is_not_told_again_when_one_of_two_approves(world: World) -> None:
    GatePolicy.objects.update(approvals=2)
    join("second", "Approvers")
    deployment = world.run(world.request())
    gate = world.approve(deployment)
    assert told(world, deployment, "gate.approved") == []
    assert names([audience.reminded(gate, "reminder")]) == ["second"]
    world.approve(deployment, User.objects.get(username="second"))
    (found,) = told(world, deployment, "gate.approved")
    assert (found.kind, names([found])) == (Kind.GATE_DECIDED, ["requester"])


def test_whose_approval_would_not_count_is_not_asked(world: World, waiting: Deployment) -> None:
    join("later", "Approvers")
    data = {"person": User.objects.get(username="later").pk, "changed": {"groups": []}}
    append_event(PEOPLE, "person.changed", "later was given rights", now=world.clock(), data=data)
    append_event(PEOPLE, "person.changed", "later was given rights", now=world.clock.now.replace(hour=23), data=data)
    assert names(told(world, waiting, "gate.opened")) == ["approver"]


def test_a_gate_that_was_decided_before_waits_for_nobody(world: World, waiting: Deployment) -> None:
    world.approve(waiting)
    assert told(world, waiting, "gate.opened") == []


def test_who_rejects_is_not_told_of_it_and_who_asked_is(world: World, waiting: Deployment) -> None:
    gate = waiting.gates.get()
    approvals.reject(gate=gate, principal=Principal.person(world.approver), comment="no", now=world.clock())
    assert names(told(world, waiting, "gate.rejected")) == ["requester"]


def test_people_hear_of_what_is_theirs_and_of_what_they_follow(world: World, waiting: Deployment) -> None:
    prefer(join("follower", "Viewers"), applications=[world.environment.application])
    prefer(join("elsewhere", "Approvers"), applications=[Application.objects.create(name="Other", slug="other")])
    prefer(join("calm", "Approvers"), kinds=["rollback_failed"])
    prefer(join("default", "Viewers"))
    assert names(told(world, waiting, "gate.opened")) == ["approver"]
    world.approve(waiting)
    turning_back.roll_back(deployment=waiting, principal=Principal.person(world.requester), now=world.clock())
    world.run(waiting)
    assert names(told(world, waiting, "deployment.rollback_started")) == ["requester", "approver", "follower"]


def test_a_failed_roll_back_is_told_to_those_who_could_mend_it(world: World, waiting: Deployment) -> None:
    join("manager", "Release managers")
    other = Application.objects.create(name="Other", slug="other")
    prefer(join("of another", "Release managers"), applications=[other])
    event = append_event(waiting, "deployment.rollback_failed", "It stays.", now=world.clock())
    (found,) = audience.of(event, world.clock())
    assert (found.kind, names([found])) == (Kind.ROLLBACK_FAILED, ["requester", "manager"])


def test_a_release_is_live_once_when_it_was_watched_to_the_end(world: World, waiting: Deployment) -> None:
    world.approve(waiting)
    world.run(waiting)
    watched = waiting.events.filter(kind="stage.succeeded", stage="BAKE_TIME").get()
    ended = newest(waiting, "deployment.successful")
    (first,), (again,) = audience.of(watched, world.clock()), audience.of(ended, world.clock())
    assert first.kind == Kind.LIVE
    assert first.key == again.key
    assert [audience.of(each, world.clock()) for each in waiting.events.filter(kind__startswith="aws.")][0] == []


def test_channels_hear_of_their_applications_and_kinds(world: World, waiting: Deployment) -> None:
    application = world.environment.application
    other = Application.objects.create(name="Other", slug="other")
    channel("all")
    channel("shop", applications=[application])
    channel("other", applications=[other])
    channel("off", is_on=False)
    channel("live only", kinds=["live"])
    channel("operations", kinds=[], is_operations=True)
    channel("pretends", kinds=["worker_silent"])
    (found,) = told(world, waiting, "gate.opened")
    assert [str(each) for each in found.channels] == ["all", "shop"]


def test_a_hundred_people_are_found_by_as_many_queries_as_one(
    world: World, waiting: Deployment, django_assert_num_queries: Any
) -> None:
    event, now = newest(waiting, "gate.opened"), world.clock()
    people = User.objects.bulk_create([User(username=f"p{count}") for count in range(100)])
    Group.objects.get(name="Approvers").user_set.add(*people)
    NotificationPreference.objects.bulk_create([NotificationPreference(person=each) for each in people])
    with django_assert_num_queries(8):
        (found,) = audience.of(event, now)
    assert len(found.persons) == 101
