"""Of two events that say the same, pages show one; the log keeps both."""

from collections.abc import Callable

import pytest

from deployments.delivery import approvals, turning_back
from deployments.delivery.models import Deployment
from deployments.delivery.views import said_once
from deployments.people.principal import Principal
from tests.delivery.engine.world import World, make_world
from tests.fakes.aws import SHOP

pytestmark = pytest.mark.django_db

STARTED = "deployment.rollback_started"


@pytest.fixture
def world() -> World:
    return make_world()


def asked(world: World, deployment: Deployment) -> None:
    who = Principal.person(world.requester)
    turning_back.roll_back(deployment=deployment, principal=who, now=world.clock(), reason="looks odd")


def stopped(world: World, deployment: Deployment) -> None:
    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())


def rejected(world: World, deployment: Deployment) -> None:
    who, gate = Principal.person(world.approver), deployment.gates.open().get()
    approvals.reject(gate=gate, principal=who, comment="not today", now=world.clock())


def nobody_decided(world: World, deployment: Deployment) -> None:
    world.clock.forward(hours=2)


def shown(deployment: Deployment) -> list[str]:
    """Kinds, oldest first."""
    return [each.kind for each in said_once.once(list(deployment.events.order_by("-pk")))][::-1]


@pytest.mark.parametrize(
    ("turns", "why"),
    [
        (asked, "deployment.rollback_requested"),
        (stopped, "deployment.stop_requested"),
        (rejected, "gate.rejected"),
        (nobody_decided, "gate.timed_out"),
    ],
)
def test_why_it_turns_back_is_shown_once(world: World, turns: Callable[[World, Deployment], None], why: str) -> None:
    deployment = world.run(world.request())
    turns(world, deployment)
    world.run(deployment)

    assert why in shown(deployment)
    assert STARTED not in shown(deployment)
    assert deployment.events.filter(kind=STARTED).exists()


def test_what_nobody_had_said_is_shown(world: World) -> None:
    """The gate was approved before, and then an alarm rings."""
    deployment = world.run(world.request())
    world.approve(deployment)
    world.aws.alarm(SHOP.alarm, "ALARM", "3 of 3")
    world.run(deployment)

    assert STARTED in shown(deployment)


def test_an_alarm_that_rings_after_somebody_asked_is_shown(world: World) -> None:
    deployment = world.run(world.request())
    asked(world, deployment)
    events = list(world.run(deployment).events.order_by("-pk"))
    for each in events:
        if each.kind == STARTED:
            each.message = "Alarm shop-5xx is in ALARM: 3 of 3"

    assert STARTED in [each.kind for each in said_once.once(events)]
