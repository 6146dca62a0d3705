"""While web, worker or database were away nobody could act: gates and warm times wait for that much longer."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from deployments.delivery import absences, approvals, warm_time
from deployments.delivery.models import Deployment, Gate, Presence
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import GateStatus, Stage, Status
from tests.delivery.engine.shifting_world import make_native_world
from tests.delivery.engine.world import NOON, World, make_world

pytestmark = pytest.mark.django_db


def all_are_here(until: datetime = NOON) -> None:
    Presence.objects.update_or_create(id=1, defaults={"here_until": until})


def at_gate(world: World) -> tuple[Deployment, Gate]:
    """It is open for an hour."""
    deployment = world.run(world.request())
    all_are_here(world.clock.now)
    return deployment, deployment.gates.open().get()


def warm(world: World) -> Deployment:
    """The source is kept for ten minutes."""
    deployment = world.run(world.request(), until=Stage.CLEAN_UP)
    assert deployment.is_warm
    all_are_here(world.clock.now)
    return deployment


def goes_on(world: World, deployment: Deployment) -> Deployment:
    """To the end, with everybody there."""
    for _ in range(200):
        all_are_here(world.clock.now)
        if world.advance(deployment).is_terminal:
            return deployment
        world.clock.now = max(world.clock.now, deployment.next_check_at or world.clock.now)
    raise AssertionError(deployment.waiting_for)


def told(deployment: Deployment, kind: str) -> str:
    return str(deployment.events.get(kind=kind).message)


def test_a_gate_whose_time_ended_in_an_outage_waits_for_what_was_left_of_it() -> None:
    world = make_world()
    deployment, gate = at_gate(world)
    world.clock.forward(minutes=90)

    world.advance(deployment)  # a nudge is taken up before the heartbeat looks
    assert deployment.gates.open().exists() and "that time does not count" in deployment.waiting_for
    absences.noted(world.clock.now)

    was = gate.expires_at
    gate.refresh_from_db()
    assert gate.expires_at - was == timedelta(minutes=90)
    assert gate.lost == told(deployment, "gate.extended")
    assert gate.lost.startswith("Nobody could decide from 12:0") and "for 1 h 30 min longer" in gate.lost
    world.advance(deployment)
    assert deployment.gates.open().exists() and deployment.waiting_for.startswith("Waiting for 1 approval")
    world.approve(deployment)
    assert goes_on(world, deployment).status == Status.SUCCESSFUL


def test_it_expires_once_people_had_all_of_its_time() -> None:
    world = make_world()
    deployment, gate = at_gate(world)
    world.clock.forward(minutes=90)
    absences.noted(world.clock.now)

    goes_on(world, deployment)

    was = gate.expires_at
    gate.refresh_from_db()
    assert (gate.status, gate.closed_at) == (GateStatus.TIMED_OUT, was + timedelta(minutes=90))


def test_whoever_is_there_before_the_heartbeat_may_decide() -> None:
    world = make_world()
    deployment, gate = at_gate(world)
    world.clock.forward(minutes=90)

    world.approve(deployment)

    gate.refresh_from_db()
    assert gate.status == GateStatus.SUCCEEDED


def test_a_gate_that_had_expired_before_the_outage_has() -> None:
    world = make_world()
    deployment, gate = at_gate(world)
    all_are_here(gate.expires_at)
    world.clock.now = gate.expires_at + timedelta(minutes=5)

    with pytest.raises(Refused, match="expired"):
        world.approve(deployment)
    absences.noted(world.clock.now)
    goes_on(world, deployment)

    gate.refresh_from_db()
    assert (gate.status, gate.lost) == (GateStatus.TIMED_OUT, "")


def test_what_aws_holds_waits_no_longer_and_that_is_said() -> None:
    world = make_world()
    deployment, gate = at_gate(world)
    Gate.objects.update(held_until=gate.expires_at)

    absences.noted(world.clock.now + timedelta(minutes=7))

    was = gate.expires_at
    gate.refresh_from_db()
    assert gate.expires_at == was
    assert "(7 min" not in gate.lost and gate.lost.endswith("AWS holds the gate and waits no longer.")


def test_the_source_stays_warm_for_as_long_as_was_promised() -> None:
    world = make_world(gate=False)
    deployment = warm(world)
    kept: datetime = deployment.source_kept_until  # type: ignore[assignment]
    world.clock.forward(minutes=30)

    world.advance(deployment)
    assert not deployment.is_terminal and "that time does not count" in deployment.waiting_for
    absences.noted(world.clock.now)
    world.advance(deployment)

    assert deployment.source_kept_until == kept + timedelta(minutes=30)
    assert "the source is kept for 30 min longer" in told(deployment, "deployment.extended")
    assert goes_on(world, deployment).status == Status.SUCCESSFUL
    assert world.clock.now >= kept + timedelta(minutes=30)


def test_a_warm_time_that_somebody_ended_has_ended() -> None:
    world = make_world(gate=False)
    deployment = warm(world)
    world.clock.forward(minutes=5)
    warm_time.finish_now(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.clock.forward(minutes=5)

    world.run(deployment)
    absences.noted(world.clock.now)

    assert deployment.status == Status.SUCCESSFUL
    assert not deployment.events.filter(kind="deployment.extended").exists()


def test_what_aws_keeps_is_not_ours_to_keep_longer() -> None:
    world = make_native_world()
    deployment = world.run(world.request("BLUE_GREEN"), until=Stage.SCALE_UP)
    world.aws.ecs_bakes()
    world.run(deployment, until=Stage.BAKE_TIME)
    kept = deployment.source_kept_until
    all_are_here(world.clock.now)

    absences.noted(world.clock.now + timedelta(minutes=7))

    deployment.refresh_from_db()
    assert kept and deployment.source_kept_until == kept


@pytest.mark.parametrize("seconds", [1, 59])
def test_a_moment_without_a_heartbeat_is_no_absence(seconds: int) -> None:
    world = make_world()
    deployment, gate = at_gate(world)

    absences.noted(world.clock.now + timedelta(seconds=seconds))

    gate.refresh_from_db()
    assert gate.lost == ""
    assert Presence.objects.get().here_until == world.clock.now + timedelta(seconds=seconds)


def test_a_web_server_that_is_away_counts_and_one_that_never_was_does_not() -> None:
    all_are_here()
    absences.noted(NOON + timedelta(seconds=1))
    assert absences.since(NOON + timedelta(seconds=2)) is None
    absences.web_is_here(NOON)

    for minute in range(1, 6):
        absences.noted(NOON + timedelta(minutes=minute))
    assert absences.since(NOON + timedelta(minutes=5)) == NOON + timedelta(seconds=1)
    absences.web_is_here(NOON + timedelta(minutes=6))
    absences.noted(NOON + timedelta(minutes=6))

    assert absences.since(NOON + timedelta(minutes=6)) is None


def test_while_all_are_here_it_costs_the_heartbeat_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    all_are_here()

    with django_assert_num_queries(1, connection=connection):
        absences.noted(NOON + timedelta(seconds=1))


def test_a_decision_of_a_person_in_the_same_moment_is_kept() -> None:
    world = make_world()
    deployment, gate = at_gate(world)
    world.clock.forward(minutes=90)
    approvals.approve(gate=gate, principal=Principal.person(world.approver), comment="fine", now=world.clock.now)

    absences.noted(world.clock.now)

    gate.refresh_from_db()
    assert (gate.status, gate.lost) == (GateStatus.SUCCEEDED, "")
