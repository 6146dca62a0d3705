"""Rules that the database holds, whoever writes: nothing here goes through a form or a service."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from deployments.catalog.models import Application, Environment, GatePolicy, Release, ReleaseImage
from deployments.delivery.models import Approval, Deployment, Gate, StageRun
from deployments.ops.models import Heartbeat
from deployments.record.models import Event, EventChain
from deployments.vocabulary import TERMINAL_STATUSES, UNFINISHED_STATUSES, GateStatus, Status
from tests.delivery.engine.world import NOON, World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world(gate=False)


def copy_of(row: Any, **changes: Any) -> Any:
    """The same row again, as a new one."""
    row.pk = None
    row._state.adding = True
    for name, value in changes.items():
        setattr(row, name, value)
    return row


def refused(write: Callable[[], Any]) -> bool:
    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize("status", sorted(UNFINISHED_STATUSES))
def test_an_environment_has_one_unfinished_deployment(world: World, status: Status) -> None:
    first = world.request()

    assert refused(copy_of(first, key="another", status=status).save)


@pytest.mark.parametrize("status", sorted(TERMINAL_STATUSES))
def test_an_environment_has_any_number_of_finished_deployments(world: World, status: Status) -> None:
    world.request()

    for key in ("another", "a third"):
        copy_of(Deployment.objects.earliest("pk"), key=key, status=status).save()

    assert Deployment.objects.unfinished().count() == 1


def test_two_environments_deploy_side_by_side(world: World) -> None:
    first = world.request()
    other = copy_of(Environment.objects.get(), name="staging")
    other.save()

    assert not refused(copy_of(first, key="another", environment=other).save)


def test_what_a_deployment_makes_on_aws_is_named_by_a_key_of_its_own(world: World) -> None:
    first = world.request()

    assert refused(copy_of(first, status=Status.SUCCESSFUL).save)


def gate(deployment: Deployment, **changes: Any) -> Gate:
    usual = {"deployment": deployment, "stage": "BAKE_TIME", "position": 5, "opened_at": NOON, "expires_at": NOON}
    return Gate(**{**usual, **changes})


def test_a_deployment_has_one_open_gate(world: World) -> None:
    deployment = world.request()
    gate(deployment).save()

    assert refused(gate(deployment, position=6).save)
    assert not refused(gate(deployment, position=6, status=GateStatus.SUCCEEDED).save)


def test_a_step_has_one_gate_for_ever(world: World) -> None:
    deployment = world.request()
    gate(deployment, status=GateStatus.SUCCEEDED).save()

    assert refused(gate(deployment).save)


def test_a_person_decides_once_at_a_gate(world: World) -> None:
    opened = gate(world.request())
    opened.save()
    decision = Approval.objects.create(gate=opened, person=world.approver, verdict="APPROVE", at=NOON)

    assert refused(copy_of(decision, verdict="REJECT").save)
    assert not refused(copy_of(decision, person=world.requester).save)


def test_a_step_is_entered_once_a_try(world: World) -> None:
    run = StageRun.objects.create(deployment=world.request(), stage="CLEAN_UP", position=2, started_at=NOON)

    assert refused(copy_of(run).save)
    assert not refused(copy_of(run, rolling_back=True).save)
    assert not refused(copy_of(run, rolling_back=True, attempt=1).save)


def test_a_version_is_unique_in_its_application(world: World) -> None:
    blog = Application.objects.create(name="Blog", slug="blog")

    def register(application: Application) -> Release:
        return Release.objects.create(application=application, version="1.1.0", registered_by="ci")

    assert refused(lambda: register(world.environment.application))
    assert not refused(lambda: register(blog))


def test_a_container_has_one_image_in_a_release(world: World) -> None:
    assert refused(copy_of(ReleaseImage.objects.get()).save)


def test_a_slug_is_unique(world: World) -> None:
    assert refused(lambda: Application.objects.create(name="Other", slug="shop"))


def test_a_number_is_unique_in_its_chain(world: World) -> None:
    world.request()

    assert refused(copy_of(Event.objects.get()).save)


def test_a_chain_has_one_name(world: World) -> None:
    world.request()

    assert refused(lambda: EventChain.objects.create(name=EventChain.objects.get().name))


@pytest.mark.parametrize("percent", [None, 25])
def test_a_place_has_one_gate_policy(world: World, percent: int | None) -> None:
    policy = GatePolicy.objects.create(environment=world.environment, stage="PRODUCTION_TRAFFIC_SHIFT", percent=percent)

    assert refused(copy_of(policy).save)
    assert not refused(copy_of(policy, percent=50).save)


def test_there_is_one_heartbeat(world: World) -> None:
    assert refused(lambda: Heartbeat.objects.create(id=2))
    assert str(Heartbeat.objects.create(token="host:1:a", beat_at=NOON)).startswith("host:1:a at 2026-03-02")


# Environments


def test_an_environment_is_unique_in_its_application(world: World) -> None:
    assert refused(copy_of(Environment.objects.get()).save)
    assert not refused(copy_of(Environment.objects.get(), name="staging").save)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ("target_group", "Blue and green need two different target groups."),
        ("service", "Blue and green need two different services."),
    ],
)
def test_blue_and_green_are_two_things(world: World, changes: str, sentence: str) -> None:
    environment = world.environment
    setattr(environment, f"green_{changes}", getattr(environment, f"blue_{changes}"))

    with pytest.raises(ValidationError, match=sentence):
        environment.full_clean()
    assert refused(environment.save)


def test_an_environment_without_slots_needs_no_names_for_them(world: World) -> None:
    for name in ("service", "target_group"):
        setattr(world.environment, f"blue_{name}", "")
        setattr(world.environment, f"green_{name}", "")

    assert not refused(world.environment.save)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("production_rule", "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/1/2"),
        ("blue_target_group", "shop-blue"),
        ("role_arn", "arn:aws:iam::123456789012:user/me"),
        ("account_id", "12345"),
        ("canary_percent", 0),
        ("canary_percent", 100),
        ("linear_percent", 51),
        ("bake_seconds", 14 * 24 * 3600 + 1),
        ("container_port", 65536),
        ("max_5xx_percent", 100.5),
    ],
)
def test_settings_that_cannot_work_are_refused_at_their_field(world: World, field: str, value: object) -> None:
    setattr(world.environment, field, value)

    with pytest.raises(ValidationError) as caught:
        world.environment.full_clean()

    assert list(caught.value.message_dict) == [field]
