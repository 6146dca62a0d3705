"""Go on now: one share of production is not watched for longer, past no gate, and not unproven without being told."""

from collections.abc import Callable
from typing import Any

import pytest

from deployments.aws.values import Traffic
from deployments.delivery import going_on
from deployments.delivery.models import Deployment
from deployments.delivery.views import deployment as views
from deployments.people.principal import Principal
from deployments.people.scopes import rights_of
from deployments.record.models import Event
from deployments.refused import Refused
from deployments.vocabulary import ActorKind, Stage, Status
from tests.delivery import stages
from tests.delivery.engine.rolling_world import make_rolling_world
from tests.delivery.engine.shifting_world import make_code_deploy_world, make_native_world
from tests.delivery.engine.world import World, make_world
from tests.fakes.aws import SHOP

pytestmark = pytest.mark.django_db

ENOUGH = 40


def at_ten_percent(world: World, requests: int = ENOUGH, strategy: str = "CANARY") -> Deployment:
    """The watch has begun and looked."""
    world.aws.measured[SHOP.target_group("green")] = Traffic(requests=requests)
    deployment = world.run(world.request(strategy), until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    world.run_until_waiting_for(deployment, "Watching until")
    world.clock.forward(seconds=5)
    return world.advance(deployment)


def go_on(world: World, deployment: Deployment, **said: Any) -> None:
    principal = Principal.person(world.requester)
    going_on.go_on(deployment=deployment, principal=principal, now=world.clock(), **said)


def offered(world: World, deployment: Deployment) -> bool:
    row = views.load(deployment.pk)
    assert row
    view = views.deployment_view(row, principal=Principal.person(world.requester), now=world.clock())
    return any(action.act == "go-on" and action.allowed for action in view.actions)


def test_the_next_share_follows_at_once_and_is_watched_for_all_of_its_time() -> None:
    world = make_world(gate=False, linear_percent=30, linear_bake_seconds=600)
    deployment = at_ten_percent(world, strategy="LINEAR")
    assert (world.share("green"), offered(world, deployment)) == (30, True)

    go_on(world, deployment)
    world.advance(deployment)

    assert (world.share("green"), offered(world, deployment)) == (60, True)
    assert "Watching until" in deployment.waiting_for
    event = Event.objects.get(kind="deployment.gone_on")
    assert event.message.startswith("requester goes on from 30 % after ")
    assert event.data["percent"] == 30 and event.data["planned_seconds"] == 600


def test_the_bake_at_the_end_is_cut_short_too() -> None:
    world = make_world(gate=False, bake_seconds=3600)
    world.aws.measured[SHOP.target_group("green")] = Traffic(requests=ENOUGH)
    deployment = world.run(world.request(), until=Stage.BAKE_TIME)
    world.advance(deployment)

    go_on(world, deployment)

    assert world.advance(deployment).stage == Stage.CLEAN_UP


def test_what_speaks_against_it_at_the_last_look_turns_it_back() -> None:
    world = make_world(gate=False)
    deployment = at_ten_percent(world)
    world.aws.alarm(SHOP.alarm, "ALARM", "Threshold Crossed")

    go_on(world, deployment)

    assert world.run(deployment).status == Status.ROLLBACK_SUCCESSFUL
    assert world.share("green") == 0


def test_that_nobody_asked_it_yet_is_said() -> None:
    world = make_world(gate=False)
    deployment = at_ten_percent(world, requests=0)

    with pytest.raises(Refused, match="No requests of new 1.1.0 were seen at 10 %, too few to judge"):
        go_on(world, deployment)


def test_too_few_requests_are_said_and_then_it_goes_on_for_whoever_confirms() -> None:
    world = make_world(gate=False)
    deployment = at_ten_percent(world, requests=3)

    with pytest.raises(Refused, match="Only 3 requests of new 1.1.0 were seen at 10 %, too few to judge") as caught:
        go_on(world, deployment)
    assert caught.value.field == "unproven"
    go_on(world, deployment, unproven=True)

    assert world.advance(deployment).percent == 100
    event = Event.objects.get(kind="deployment.gone_on")
    assert "wanted anyway: Only 3 requests" in event.message
    assert event.data["unproven"]


def test_what_was_not_looked_at_yet_is_not_proven() -> None:
    world = make_world(gate=False)
    deployment = at_ten_percent(world)
    deployment.measurements.all().delete()

    with pytest.raises(Refused, match="No requests of new 1.1.0 were measured yet at 10 %"):
        go_on(world, deployment)


def test_people_are_asked_where_requests_are_required() -> None:
    world = make_world(gate=False, requires_min_requests=True, min_requests_wait_seconds=3600)
    deployment = at_ten_percent(world, requests=3)

    go_on(world, deployment, unproven=True)
    world.advance(deployment)

    assert deployment.gates.open().exists()
    assert world.share("green") == 10
    with pytest.raises(Refused, match="People are asked at this step already"):
        go_on(world, deployment, unproven=True)


def test_a_gate_of_the_share_opens_earlier_and_is_not_skipped() -> None:
    world = make_world()
    world.environment.gate_policies.update(stage=Stage.PRODUCTION_TRAFFIC_SHIFT, percent=10)
    deployment = at_ten_percent(world)

    go_on(world, deployment)
    world.advance(deployment)

    assert (deployment.gates.open().exists(), world.share("green")) == (True, 10)


def test_it_is_done_once_a_share() -> None:
    world = make_world(gate=False)
    deployment = at_ten_percent(world)
    go_on(world, deployment)

    assert not offered(world, deployment)
    with pytest.raises(Refused, match="There is no time of watching to cut short now, at Production traffic shift"):
        go_on(world, deployment)
    assert Event.objects.filter(kind="deployment.gone_on").count() == 1


def test_whoever_may_not_stop_may_not_do_this(outsider: Any) -> None:
    world = make_world(gate=False)
    deployment = at_ten_percent(world)
    world.requester = outsider

    with pytest.raises(Refused, match="You do not have the right to stop or roll back"):
        go_on(world, deployment)


def starting(world: World) -> Deployment:
    return world.run(world.request("CANARY"), until=Stage.SCALE_UP)


def ended(world: World) -> Deployment:
    return world.run(world.request("CANARY"))


@pytest.mark.parametrize("there", [stages.pending, starting, ended, stages.warm])
def test_nothing_is_cut_short_where_nothing_is_watched(there: Callable[[World], Deployment]) -> None:
    world = make_world(gate=False)
    deployment = there(world)

    assert not offered(world, deployment)
    with pytest.raises(Refused, match="There is no time of watching to cut short now"):
        go_on(world, deployment, unproven=True)


@pytest.mark.parametrize(
    ("make", "strategy", "sentence"),
    [
        (
            make_native_world,
            "CANARY",
            "ECS counts how long each share of production is watched, and AWS offers no call",
        ),
        (make_code_deploy_world, "AllAtOnce", "CodeDeploy counts how long each share of production is watched"),
        (make_rolling_world, "ROLLING", "Tasks are replaced in place here"),
    ],
)
def test_where_it_is_not_ours_it_is_said_why(make: Callable[[], World], strategy: str, sentence: str) -> None:
    world = make()
    deployment = world.request(strategy)
    Deployment.objects.update(status=Status.IN_PROGRESS, stage=Stage.BAKE_TIME, step_started_at=world.clock())

    assert not offered(world, deployment)
    with pytest.raises(Refused, match=sentence):
        go_on(world, deployment, unproven=True)


def test_an_agent_goes_on_by_what_was_measured_and_no_further() -> None:
    world = make_world(gate=False)
    deployment = at_ten_percent(world, requests=3)
    given = rights_of(["deployments:stop", "deployments:write"])
    robin = Principal(ActorKind.TOKEN, "robin", owner=world.requester, rights=given, is_agent=True)

    with pytest.raises(Refused, match="let a person confirm it"):
        going_on.go_on(deployment=deployment, principal=robin, now=world.clock(), unproven=True)
    world.aws.measured[SHOP.target_group("green")] = Traffic(requests=ENOUGH)
    world.clock.forward(seconds=10)
    world.advance(deployment)
    going_on.go_on(deployment=deployment, principal=robin, now=world.clock())

    assert "an agent (robin), on behalf of requester goes on" in Event.objects.get(kind="deployment.gone_on").message
