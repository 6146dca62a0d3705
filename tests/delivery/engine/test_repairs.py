"""A repair: production is sick, a release mends it, and what was red before does not count against it."""

import pytest

from deployments.catalog.models import Environment
from deployments.delivery import turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import DeploymentKind, Status
from tests.delivery.engine.beginning_world import begun, connected
from tests.delivery.engine.rolling_world import api, make_rolling_world
from tests.delivery.engine.world import World, make_world, person
from tests.fakes.aws import API, SHOP

pytestmark = pytest.mark.django_db

OLD, NEW = (API.task_definition(revision) for revision in (1, 2))
REASON = "Health checks failed with these codes: [400]"


@pytest.fixture
def rolling(monkeypatch: pytest.MonkeyPatch) -> World:
    """The story of every task whose health check answers 400: they are replaced for ever, and the alarm rings."""
    world = connected(make_rolling_world(), monkeypatch)
    world.aws.set_health(OLD, "unhealthy", "Target.ResponseCodeMismatch", REASON)
    world.aws.alarm(API.alarm, "ALARM", "no healthy host")
    api(world).rollout_state, api(world).failed_tasks, api(world).running = "IN_PROGRESS", 7, 1
    return world


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> World:
    """All of blue's targets are sick."""
    world = connected(make_world(gate=False, strategy="BLUE_GREEN"), monkeypatch)
    world.aws.set_health(SHOP.task_definition(), "unhealthy", "Target.ResponseCodeMismatch", REASON)
    world.aws.alarm(SHOP.alarm, "ALARM", "no healthy host")
    return world


def mended(world: World) -> None:
    """ECS's breaker counts anew with each deployment."""
    service = api(world)
    service.rollout_state, service.failed_tasks = "", 0


def test_an_ordinary_deployment_is_stopped_by_what_is_red(rolling: World) -> None:
    deployment = rolling.run(rolling.request("ROLLING"))

    assert deployment.status == Status.STOPPED
    assert "Preflight stopped it: Another deployment is running on api" in deployment.status_reason


def test_a_repair_of_a_rolling_service_succeeds_and_says_which_alarm_is_still_red(rolling: World) -> None:
    deployment = begun(rolling, DeploymentKind.REPAIR)
    while not rolling.aws.performed or rolling.aws.performed[-1].operation != "UpdateService":
        rolling.advance(deployment)
    mended(rolling)

    rolling.run(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    still = "Alarm api-5xx is still in ALARM, as before this repair: no healthy host"
    assert still in deployment.facts["warnings"]
    assert deployment.events.get(kind="deployment.successful").data["warnings"] == deployment.facts["warnings"]


def test_a_repair_of_a_pair_moves_all_traffic_from_the_sick_slot(pair: World) -> None:
    deployment = pair.run(begun(pair, DeploymentKind.REPAIR))

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert pair.share("green") == 100
    assert Environment.objects.get().live_release == pair.release


def test_what_was_red_is_frozen_with_the_plan_and_told_for_ever(pair: World) -> None:
    deployment = begun(pair, DeploymentKind.REPAIR)

    red = [(each["ailment"], each["name"]) for each in deployment.settings["red"]]
    assert red == [("TARGETS", SHOP.target_group("blue")), ("ALARM", SHOP.alarm)]
    assert deployment.plan["steps"][0]["summary"].startswith(
        "Repair: 2 things were red before it (alarm shop-5xx and the tasks that serve). "
    )
    event = deployment.events.get(kind="deployment.repair_requested")
    assert event.message == "Repair asked for by mender: the health check answers 400"
    assert [each["name"] for each in event.data["red"]] == [name for _, name in red]


def test_what_was_green_and_turns_red_counts_against_a_repair(pair: World) -> None:
    pair.environment.alarms = f"{SHOP.alarm}\nshop-latency"
    pair.environment.save()
    pair.aws.alarm("shop-latency", "OK")
    deployment = pair.run(begun(pair, DeploymentKind.REPAIR), until="BAKE_TIME")

    pair.aws.alarm("shop-latency", "ALARM", "too slow")
    pair.run(deployment)

    assert deployment.status == Status.FAILED
    assert deployment.status_reason == (
        "Alarm shop-latency is in ALARM: too slow. What ran before was sick, so it was not turned back: all production "
        "traffic is on new 1.1.0. Deploy a release that mends it, as a repair; or choose Go back."
    )
    assert pair.share("green") == 100
    assert Environment.objects.get().live_release == pair.release


def test_what_turns_red_between_plan_and_start_stops_a_repair_before_anything_is_changed(pair: World) -> None:
    pair.environment.alarms = f"{SHOP.alarm}\nshop-latency"
    pair.environment.save()
    pair.aws.alarm("shop-latency", "OK")
    deployment = begun(pair, DeploymentKind.REPAIR)
    pair.aws.alarm("shop-latency", "ALARM", "too slow")

    pair.run(deployment)

    assert deployment.status == Status.STOPPED
    assert "Preflight stopped it: The alarm shop-latency has been in ALARM" in deployment.status_reason


def test_a_repair_that_never_gets_healthy_is_tidied_up_as_no_traffic_moved(pair: World) -> None:
    pair.aws.set_health(SHOP.task_definition(2), "unhealthy", "Target.ResponseCodeMismatch", REASON)

    deployment = pair.run(begun(pair, DeploymentKind.REPAIR))

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert (pair.share("blue"), pair.aws.ecs[SHOP.cluster, SHOP.service("green")].desired) == (100, 0)


def failed(rolling: World) -> Deployment:
    """The release of the repair is as bad."""
    rolling.aws.set_health(NEW, "unhealthy", "Target.ResponseCodeMismatch", REASON)
    deployment = rolling.run(begun(rolling, DeploymentKind.REPAIR))
    assert deployment.status == Status.FAILED
    return deployment


def test_a_rolling_repair_that_is_bad_too_is_not_turned_back_to_what_was_sick(rolling: World) -> None:
    deployment = failed(rolling)

    assert api(rolling).task_definition == NEW
    assert "What ran before was sick, so it was not turned back: api was left as it is." in deployment.status_reason
    assert rolling.kinds(deployment)[-1] == "deployment.failed"


def test_what_ecs_brings_back_by_itself_is_named_though_it_is_not_what_ran_before(rolling: World) -> None:
    """Its breaker goes to what it last completed, which is older than a rollout that was stuck."""
    rolling.aws.scale_after = 100
    deployment = begun(rolling, DeploymentKind.REPAIR)
    while "update" not in deployment.facts.get("done", ()):
        rolling.advance(deployment)
    rolling.aws.scale_after = 0
    api(rolling).update(task_definition=API.task_definition(9), desired=None, lag=0)
    api(rolling).rollout_reason = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/0"
    rolling.clock.forward(minutes=1)

    rolling.run(deployment)

    assert deployment.status == Status.FAILED
    assert deployment.status_reason.startswith(
        "ECS put api back to api:9 by itself: ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/0."
    )


def test_a_person_may_go_back_to_what_was_sick(rolling: World) -> None:
    deployment = failed(rolling)

    turning_back.retry_roll_back(
        deployment=deployment, principal=Principal.person(rolling.requester), now=rolling.clock()
    )
    rolling.advance(deployment)

    assert api(rolling).task_definition == OLD


def test_the_next_repair_may_follow_a_failed_one_at_once(rolling: World) -> None:
    failed(rolling)

    assert begun(rolling, DeploymentKind.REPAIR).status == Status.PENDING


def test_a_person_goes_back_to_the_sick_slot_without_waiting_for_its_health(pair: World) -> None:
    deployment = pair.run(begun(pair, DeploymentKind.REPAIR), until="BAKE_TIME")

    turning_back.roll_back(deployment=deployment, principal=Principal.person(pair.requester), now=pair.clock())
    pair.run(deployment)

    assert (deployment.status, pair.share("blue")) == (Status.ROLLBACK_SUCCESSFUL, 100)


def test_a_repair_of_what_is_healthy_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    world = connected(make_world(gate=False, strategy="BLUE_GREEN"), monkeypatch)

    with pytest.raises(Refused, match="Nothing of production is red, so there is nothing to repair: deploy as usual."):
        begun(world, DeploymentKind.REPAIR)


def test_an_error_that_is_no_ailment_still_refuses_a_repair(pair: World) -> None:
    pair.aws.denied.add("ecs:UpdateService")

    with pytest.raises(Refused, match="Preflight found errors; put them right first."):
        begun(pair, DeploymentKind.REPAIR)


def test_a_repair_takes_a_right_of_its_own(pair: World) -> None:
    pair.requester = person("deployer", "add_deployment")

    with pytest.raises(Refused, match="You do not have the right to deploy as a repair; ask an administrator for it."):
        begun(pair, DeploymentKind.REPAIR)
