"""Predicates and querysets: what a row says of itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User

from deployments.catalog.models import Environment
from deployments.delivery.models import Deployment, Gate, Measurement, StageRun
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.vocabulary import Slot, Status
from tests.delivery.engine.world import NOON, World, make_world

pytestmark = pytest.mark.django_db

LATER, EARLIER = NOON + timedelta(seconds=1), NOON - timedelta(seconds=1)


@pytest.fixture
def world() -> World:
    return make_world(gate=False)


@pytest.mark.parametrize(
    ("columns", "due"),
    [
        ({}, True),
        ({"next_check_at": EARLIER}, True),
        ({"next_check_at": LATER}, False),
        ({"next_check_at": None}, False),
        ({"lease_token": "host:1:a", "lease_expires_at": LATER}, False),
        ({"lease_token": "host:1:a", "lease_expires_at": NOON}, True),
        ({"lease_token": "host:1:a", "lease_expires_at": None}, True),
        ({"status": Status.STOP_REQUESTED}, True),
        ({"status": Status.ROLLBACK_IN_PROGRESS}, True),
        ({"status": Status.SUCCESSFUL}, False),
        ({"status": Status.ROLLBACK_FAILED}, False),
    ],
)
def test_what_is_due(world: World, columns: dict[str, Any], due: bool) -> None:
    world.request()
    Deployment.objects.update(**columns)

    assert Deployment.objects.due(NOON).exists() is due


@pytest.mark.parametrize(
    ("status", "terminal", "stoppable", "back"),
    [
        (Status.PENDING, False, True, False),
        (Status.IN_PROGRESS, False, True, False),
        (Status.STOP_REQUESTED, False, False, False),
        (Status.ROLLBACK_REQUESTED, False, False, True),
        (Status.ROLLBACK_IN_PROGRESS, False, False, True),
        (Status.SUCCESSFUL, True, False, False),
        (Status.STOPPED, True, False, False),
        (Status.ROLLBACK_SUCCESSFUL, True, False, False),
        (Status.ROLLBACK_FAILED, True, False, False),
    ],
)
def test_what_a_status_means(status: Status, terminal: bool, stoppable: bool, back: bool) -> None:
    deployment = Deployment(status=status)

    assert (deployment.is_terminal, deployment.can_be_stopped, deployment.is_rolling_back) == (
        terminal,
        stoppable,
        back,
    )


def test_a_deployment_is_warm_while_it_goes_forward_and_keeps_the_source() -> None:
    assert Deployment(status=Status.IN_PROGRESS, source_kept_until=NOON).is_warm
    assert not Deployment(status=Status.IN_PROGRESS).is_warm
    assert not Deployment(status=Status.STOP_REQUESTED, source_kept_until=NOON).is_warm


def test_the_roles_are_known_once_the_live_slot_was_read() -> None:
    assert Deployment().roles == {}
    assert Deployment(source_slot="green", target_slot="blue").roles == {Slot.GREEN: "source", Slot.BLUE: "target"}


def test_rows_say_what_they_are(world: World) -> None:
    deployment = world.request()
    world.environment.smoke_checks.create(path="/health")
    policy = world.environment.gate_policies.create(approvals=2)

    assert str(deployment) == "1.1.0 to shop/production"
    assert str(Event.objects.get()) == "2026-03-02 12:00:00 UTC 1.1.0 requested by requester: because"
    assert str(policy) == "2 approvals at Post test traffic shift"
    assert [str(check) for check in world.environment.smoke_checks.all()] == ["GET /health answers 200"]


def test_a_stage_that_aws_adds_is_shown_by_its_name() -> None:
    assert StageRun(stage="BAKE_TIME").label == "Bake time"
    assert StageRun(stage="PRE_BAKE_TIME").label == "PRE_BAKE_TIME"


def test_a_measurement_is_made_from_a_reading(world: World) -> None:
    measured = Measurement.from_data(world.request(), NOON, Slot.GREEN, {"requests": 40, "errors_5xx": 1})

    assert (measured.slot, measured.requests, measured.percent) == ("green", 40, None)


def test_lists_are_read_line_by_line(world: World) -> None:
    world.environment.alarms = " shop-5xx \n\nshop-latency\n"
    world.environment.application.registries = "ghcr.io\n\n quay.io "

    assert world.environment.alarm_names == ("shop-5xx", "shop-latency")
    assert world.environment.application.registry_hosts == ("docker.io", "ghcr.io", "quay.io")


# Who may decide


@pytest.fixture
def gate(world: World) -> Gate:
    return Gate.objects.create(
        deployment=world.request(), stage="BAKE_TIME", position=5, opened_at=NOON, expires_at=LATER
    )


def test_an_approver_may_decide(world: World, gate: Gate) -> None:
    assert rights.decide_refusal(Principal.person(world.approver), gate.deciders) == ""


def test_whoever_may_not_decide_is_told_why(world: World, gate: Gate) -> None:
    world.approver.user_permissions.clear()

    assert rights.decide_refusal(Principal.person(AnonymousUser()), gate.deciders) == "Sign in to decide."
    assert rights.decide_refusal(
        Principal.person(type(world.approver).objects.get(username="approver")), gate.deciders
    ) == ("You do not have the right to approve; ask an administrator for it.")
    assert rights.decide_refusal(Principal.person(world.requester), gate.deciders) == (
        "You asked for this deployment, so somebody else has to decide on it."
    )


def test_a_gate_for_groups_names_them(world: World, gate: Gate) -> None:
    gate.groups.add(Group.objects.create(name="Security"), Group.objects.create(name="Quality"))

    assert (
        rights.decide_refusal(Principal.person(world.approver), gate.deciders)
        == "Only members of Quality or Security may decide at this gate."
    )


def test_who_has_decided_is_told_so(world: World, gate: Gate) -> None:
    gate.approvals.create(person=world.approver, verdict="APPROVE", at=NOON)

    assert (
        rights.decide_refusal(Principal.person(world.approver), gate.deciders)
        == "You have already decided at this gate."
    )
    assert str(gate.approvals.get()) == "approver APPROVE"


@pytest.mark.parametrize("gates", [1, 4])
def test_what_waits_for_a_person_is_found_by_as_many_queries_for_one_gate_as_for_many(
    world: World, gate: Gate, gates: int, django_assert_num_queries: Any
) -> None:
    group = Group.objects.create(name="Quality")
    group.user_set.add(world.approver)
    gate.groups.add(group)
    for number in range(gates - 1):
        world.environment.pk, world.environment.name = None, f"place-{number}"
        world.environment.region = f"eu-west-{number + 1}"  # what is there is nobody else's
        world.environment.save(force_insert=True)
        other = Gate.objects.create(
            deployment=world.request(), stage="BAKE_TIME", position=5, opened_at=NOON, expires_at=LATER
        )
        other.groups.add(group)
    person = User.objects.get(pk=world.approver.pk)

    # The gates, their groups and approvals, the person's groups, and their rights.
    with django_assert_num_queries(5):
        waiting = Gate.objects.for_person(Principal.person(person))

    assert len(waiting) == gates


@pytest.mark.parametrize(("now", "expired"), [(NOON, False), (LATER, True)])
def test_a_gate_expires_at_its_time(gate: Gate, now: Any, expired: bool) -> None:
    assert gate.has_expired(now) is expired


# History


def test_every_edit_of_an_environment_is_kept() -> None:
    world = make_world(gate=False, history=True)
    world.environment.canary_percent = 25
    world.environment.save()

    newest, first = world.environment.history.all()
    assert (first.canary_percent, newest.canary_percent) == (10, 25)


def test_what_the_engine_notes_on_an_environment_is_no_edit() -> None:
    world = make_world(gate=False, history=True)
    Environment.objects.update(live_slot="green", live_release=world.release)

    assert world.environment.history.count() == 1
    assert not hasattr(world.environment.history.get(), "live_slot")


def test_edits_of_gates_checks_tasks_and_webhooks_are_kept(world: World) -> None:
    policy = world.environment.gate_policies.create()
    check = world.environment.smoke_checks.create(path="/health")
    task = world.environment.one_off_tasks.create(command="migrate")
    hook = world.environment.webhooks.create(url="https://tests.example/run")

    for row in (policy, check, task, hook):
        row.save()

    assert [row.history.count() for row in (policy, check, task, hook)] == [2, 2, 2, 2]
