"""A click in the worst moment: between what the engine read and what it records. No click is ever lost."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from deployments.aws import errors
from deployments.aws.actions import Action, Made
from deployments.delivery import approvals, turning_back, warm_time
from deployments.delivery.engine import one_pass, record
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import GateStatus, Stage, Status
from tests.delivery.engine.world import World, make_world
from tests.fakes.aws import SHOP

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world(gate=False)


def stop(world: World) -> None:
    turning_back.stop(
        deployment=Deployment.objects.get(), principal=Principal.person(world.requester), now=world.clock()
    )


def during(world: World, monkeypatch: pytest.MonkeyPatch, operation: str, click: Callable[[], Any]) -> None:
    """Click while the first such write is on its way to AWS."""
    perform, clicks = world.aws.perform, iter([click])

    def performing(action: Action) -> Made:
        if action.operation == operation:
            next(clicks, lambda: None)()
        made: Made = perform(action)
        return made

    monkeypatch.setattr(world.aws, "perform", performing)


def before(monkeypatch: pytest.MonkeyPatch, name: str, click: Callable[[], Any]) -> None:
    """Click just before the engine records this for the first time."""
    recording, clicks = getattr(record, name), iter([click])

    def clicked(*args: Any, **kwargs: Any) -> Any:
        next(clicks, lambda: None)()
        return recording(*args, **kwargs)

    monkeypatch.setattr(one_pass, "record", SimpleNamespace(**{**vars(record), name: clicked}))


@pytest.mark.parametrize("operation", ["RegisterTaskDefinition", "SuspendScaling", "UpdateService", "SetWeights"])
def test_a_stop_while_a_write_is_on_its_way(world: World, monkeypatch: pytest.MonkeyPatch, operation: str) -> None:
    deployment = world.request()
    world.aws.scaling[SHOP.scalable("green")] = world.aws.scaling[SHOP.scalable("blue")]
    during(world, monkeypatch, operation, lambda: stop(world))

    world.run(deployment)

    assert deployment.status in (Status.STOPPED, Status.ROLLBACK_SUCCESSFUL)
    assert world.share("blue") == 100
    assert world.aws.ecs[SHOP.cluster, "shop-green"].desired == 0
    assert f"aws.{operation}" in world.kinds(deployment), "what happened is recorded all the same"


@pytest.mark.parametrize("name", ["started", "intended", "acted", "advanced", "waited"])
def test_a_stop_just_before_a_record(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    deployment = world.request()
    before(monkeypatch, name, lambda: stop(world))

    world.run(deployment)

    assert deployment.status in (Status.STOPPED, Status.ROLLBACK_SUCCESSFUL)
    assert "Stop asked for by requester" in deployment.status_reason


def test_after_a_stop_not_one_more_write_goes_forward(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = world.request()
    during(world, monkeypatch, "RegisterTaskDefinition", lambda: stop(world))

    world.advance(deployment)

    assert [action.operation for action in world.aws.performed] == ["RegisterTaskDefinition"]
    assert deployment.status == Status.STOPPED


def test_a_click_does_not_wait_until_aws_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = world.request()
    world.advance(deployment)
    Deployment.objects.update(failures=5, next_check_at=world.clock())

    def unavailable(*_: Any) -> Any:
        stop(world)
        raise errors.Unavailable("DescribeRules", "503", "no answer")

    with monkeypatch.context() as patch:
        patch.setattr(world.aws, "rule", unavailable)
        world.advance(deployment)

    assert (deployment.status, deployment.failures) == (Status.STOP_REQUESTED, 6)
    assert deployment.next_check_at == world.clock()
    assert world.run(deployment).status == Status.ROLLBACK_SUCCESSFUL


def test_a_roll_back_while_the_source_is_about_to_be_scaled_down(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = world.run(world.request(), until=Stage.CLEAN_UP)
    click = {"deployment": deployment, "principal": Principal.person(world.requester), "now": world.clock()}
    during(world, monkeypatch, "UpdateService", lambda: turning_back.roll_back(**click))  # type: ignore[arg-type]

    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert world.share("blue") == 100
    assert world.aws.ecs[SHOP.cluster, "shop-blue"].running == 2


def test_an_approval_just_before_the_wait_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world()
    deployment = world.request()
    before(monkeypatch, "waited", lambda: deployment.gates.exists() and world.approve(deployment))
    while not deployment.gates.exists():
        world.advance(deployment)

    world.advance(deployment)

    assert deployment.gates.get().status == GateStatus.SUCCEEDED
    assert world.share("green") == 10, "nobody had to wait for the next look"


def test_an_approval_just_before_the_gate_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world()
    deployment = world.run(world.request())
    gate = deployment.gates.get()
    just_in_time = gate.expires_at.replace(minute=59, hour=gate.expires_at.hour - 1)
    before(
        monkeypatch,
        "gate_expired",
        lambda: approvals.approve(gate=gate, principal=Principal.person(world.approver), comment="", now=just_in_time),
    )

    world.clock.forward(minutes=60)
    world.run(deployment)

    gate.refresh_from_db()
    assert (gate.status, deployment.status) == (GateStatus.SUCCEEDED, Status.SUCCESSFUL)


def test_an_extension_just_before_the_clean_up_is_recorded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = world.run(world.request(), until=Stage.CLEAN_UP)
    world.advance(deployment)
    assert deployment.source_kept_until is not None
    in_time = world.clock()
    click: dict[str, Any] = {
        "deployment": deployment,
        "principal": Principal.person(world.requester),
        "minutes": 30,
        "now": in_time,
    }
    before(monkeypatch, "intended", lambda: warm_time.extend(**click))

    world.clock.now = deployment.source_kept_until
    world.advance(deployment)

    assert (deployment.stage, deployment.is_warm) == (Stage.CLEAN_UP, True)
    assert world.aws.ecs[SHOP.cluster, "shop-blue"].desired == 2
