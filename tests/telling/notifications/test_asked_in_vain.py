"""Who was to be asked at a gate, and may not decide there any more, or has decided, once it is their turn."""

from collections.abc import Callable
from datetime import time

import pytest
from django.contrib.auth.models import Group, User

from deployments.catalog.models import GatePolicy
from deployments.delivery import approvals
from deployments.delivery.models import Gate
from deployments.people.principal import Principal
from deployments.record.append import PEOPLE, append_event
from deployments.telling.notifications.models import Message
from deployments.telling.notifications.receiving import take
from deployments.telling.notifications.sending import carrying, claiming
from deployments.telling.notifications.timing import passing
from tests.delivery.engine.world import World, make_world
from tests.telling.notifications.people import address, join, newest, prefer


@pytest.fixture
def world(db: None) -> World:
    world = make_world()
    GatePolicy.objects.get().groups.add(Group.objects.create(name="sre"))
    join("decider", "Approvers", "sre")
    join("other", "Approvers", "sre")
    return world


def leaves_the_group(world: World, decider: User, gate: Gate) -> None:
    decider.groups.remove(Group.objects.get(name="sre"))


def may_not_decide(world: World, decider: User, gate: Gate) -> None:
    decider.groups.remove(Group.objects.get(name="Approvers"))
    join(decider.username, "Viewers")


def has_decided(world: World, decider: User, gate: Gate) -> None:
    Gate.objects.update(approvals_needed=2)
    gate.refresh_from_db()
    approvals.approve(gate=gate, principal=Principal.person(decider), comment="", now=world.clock())


def is_decided(world: World, decider: User, gate: Gate) -> None:
    Gate.objects.update(status="SUCCEEDED")


def is_changed(world: World, decider: User, gate: Gate) -> None:
    world.clock.forward(seconds=1)
    data = {"person": decider.pk, "changed": {"groups": []}}
    append_event(PEOPLE, "person.changed", "Changed.", now=world.clock(), data=data)


def nothing(world: World, decider: User, gate: Gate) -> None:
    return None


HAPPENED = [
    (leaves_the_group, "Not sent: decider may not decide at its gate any more."),
    (may_not_decide, "Not sent: decider may not decide at its gate any more."),
    (is_changed, "Not sent: decider may not decide at its gate any more."),
    (has_decided, "Not sent: decider has decided at its gate."),
    (is_decided, "Not sent: its gate waits for nobody any more."),
    (nothing, ""),
]


@pytest.mark.parametrize(("happens", "said"), HAPPENED)
def test_who_is_asked_in_vain_is_not_asked(
    world: World, happens: Callable[[World, User, Gate], None], said: str
) -> None:
    place = address(decider := User.objects.get(username="decider"))
    gate = waiting(world)

    happens(world, decider, gate)

    parcel = next_one(world)
    assert (parcel.address, parcel.refusal, parcel.is_dropped) == (place.pk, said, bool(said))


def test_who_is_reminded_in_vain_is_not_reminded(world: World) -> None:
    address(decider := User.objects.get(username="decider"))
    gate = waiting(world)
    Message.objects.all().delete()
    world.clock.forward(minutes=50)
    passing.tell(world.clock())

    leaves_the_group(world, decider, gate)

    assert carrying.send(next_one(world)).sent.dropped


def test_what_was_held_back_names_no_gate_at_which_one_may_not_decide_any_more(world: World) -> None:
    place = address(decider := User.objects.get(username="decider"))
    prefer(decider, quiet_from=time(11), quiet_until=time(13), zone="UTC", wakes=True)
    gate = waiting(world)
    for kind in ("live", "turned_back"):
        Message.objects.create(
            address=place, key=kind, kind=kind, thread=kind, is_held=True, content={"subject": f"{kind}: shop"},
            made_at=world.clock(), due_at=world.clock(),
        )  # fmt: skip
    leaves_the_group(world, decider, gate)

    world.clock.forward(hours=1)
    passing.tell(world.clock())

    assert Message.objects.get(kind="gate_waits").said == HAPPENED[0][1]
    assert Message.objects.get(kind="summary").content["subject"] == "2 messages: 1 × live, 1 × turned_back"


def next_one(world: World) -> carrying.Parcel:
    (parcel,) = claiming.claim("teller", world.clock(), under_way=(), most=9)
    return parcel


def waiting(world: World) -> Gate:
    deployment = world.run(world.request())
    take(newest(deployment, "gate.opened"), world.clock())
    return deployment.gates.get()
