"""Repairs and first releases where ECS or CodeDeploy shifts the traffic, or installs on servers."""

from dataclasses import replace
from typing import Any

import pytest

from deployments.aws import actions
from deployments.delivery import requests, turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import DeploymentKind, Stage, Status
from tests.delivery.engine import express_world, servers_world
from tests.delivery.engine import shifting_world as shifting
from tests.delivery.engine.beginning_world import begun, connected
from tests.delivery.engine.shifting_world import shop
from tests.delivery.engine.world import World
from tests.fakes.aws import LANDING, SHOP

pytestmark = pytest.mark.django_db

Patch = pytest.MonkeyPatch
REPAIR, FIRST = DeploymentKind.REPAIR, DeploymentKind.FIRST


def sick(world: World) -> World:
    world.aws.set_health(SHOP.task_definition(), "unhealthy", "Target.ResponseCodeMismatch", "codes: [400]")
    world.aws.alarm(SHOP.alarm, "ALARM", "no healthy host")
    return world


def empty(world: World) -> World:
    """As Terraform makes it."""
    shop(world).desired = shop(world).running = 0
    world.environment.first_desired = 2
    world.environment.save()
    return world


@pytest.fixture
def native(monkeypatch: Patch) -> World:
    return connected(shifting.make_native_world(), monkeypatch)


@pytest.fixture
def code_deploy(monkeypatch: Patch) -> World:
    return connected(shifting.make_code_deploy_world(), monkeypatch)


def bakes(world: World, kind: DeploymentKind) -> Deployment:
    """All traffic is on the release."""
    deployment = world.run(begun(world, kind), until=Stage.SCALE_UP)
    assert not deployment.is_terminal, deployment.status_reason
    if world.environment.controller == "ECS":
        shifting.ecs_bakes(world, deployment)
    else:
        shifting.code_deploy_bakes(world, deployment)
    return world.run(deployment, until=Stage.BAKE_TIME)


def code_deploy_ends(world: World) -> None:
    number = next(reversed(world.aws.codedeploy))
    world.aws.codedeploy[number] = replace(world.aws.codedeploy[number], status="Succeeded")


def orders(world: World, kind: type[actions.Action]) -> list[Any]:
    return [action for action in world.aws.performed if isinstance(action, kind)]


def turns_bad(world: World) -> None:
    world.aws.set_health(SHOP.task_definition(2), "unhealthy", "Target.ResponseCodeMismatch", "codes: [500]")


def test_a_repair_by_ecs_succeeds_beside_an_alarm_that_rang_before(native: World) -> None:
    deployment = bakes(sick(native), REPAIR)
    native.aws.ecs_takes = 1

    native.run(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert "still in ALARM, as before this repair" in deployment.facts["warnings"][-1]


def test_ecs_is_told_not_to_turn_a_repair_back_by_alarms(native: World) -> None:
    bakes(sick(native), REPAIR)

    (told,) = (each for each in orders(native, actions.UpdateService) if each.task_definition)
    assert told.deployment_configuration["alarms"] == {"alarmNames": [SHOP.alarm], "enable": False, "rollback": False}


def test_a_bad_repair_by_ecs_stays_says_who_goes_on_and_gives_the_owners_settings_back(native: World) -> None:
    before = shop(native).deployment_configuration
    deployment = bakes(sick(native), REPAIR)

    turns_bad(native)
    native.run(deployment)

    assert deployment.status == Status.FAILED
    assert orders(native, actions.StopServiceDeployment) == []
    assert (
        "all production traffic is on new 1.1.0, and ECS goes on with it by itself. Deploy a release that mends it"
        in deployment.status_reason
    )
    assert shop(native).deployment_configuration["lifecycleHooks"] == before["lifecycleHooks"]


def test_a_repair_that_ecs_itself_turns_back_is_followed_to_its_end(native: World) -> None:
    deployment = bakes(sick(native), REPAIR)
    newest = next(reversed(native.aws.native))
    native.aws.native[newest] = replace(
        native.aws.native[newest], status="ROLLBACK_SUCCESSFUL", rollback_reason="a hook failed", production_percent=0.0
    )
    native.aws.set_weights(SHOP.production_rule, {SHOP.target_group("blue"): 100, SHOP.target_group("green"): 0})

    native.run(deployment)

    assert deployment.status in (Status.ROLLBACK_SUCCESSFUL, Status.ROLLBACK_FAILED)
    assert "ECS turned it back: a hook failed" in deployment.status_reason


def test_a_repair_by_ecs_moves_all_traffic_at_once(native: World) -> None:
    with pytest.raises(Refused, match="Repair by ECS moves all traffic at once.*Choose Blue/green."):
        begun(sick(native), REPAIR, "CANARY")


def test_a_repair_by_ecs_is_offered_by_a_strategy_that_can_do_it(native: World) -> None:
    seen = requests.preview(
        environment=sick(native).environment, release=native.release, strategy="CANARY",
        principal=Principal.person(native.requester), now=native.clock(),
    )  # fmt: skip

    assert (seen.needed, seen.fitting) == (REPAIR, "BLUE_GREEN")


def test_a_first_release_by_ecs_brings_the_count_with_the_release(native: World) -> None:
    deployment = bakes(empty(native), FIRST)
    native.aws.ecs_takes = 1

    native.run(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    (told,) = (each for each in orders(native, actions.UpdateService) if each.task_definition)
    assert (told.desired, shop(native).desired) == (2, 2)


def test_whoever_stops_a_first_release_by_ecs_gets_the_empty_service_back(native: World) -> None:
    deployment = native.run(begun(empty(native), FIRST), until=Stage.SCALE_UP)
    native.advance(deployment)

    turning_back.stop(deployment=deployment, principal=Principal.person(native.requester), now=native.clock())
    native.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert shop(native).desired == 0


def test_a_repair_by_code_deploy_overrides_the_alarm_that_rang_before(code_deploy: World) -> None:
    group = code_deploy.aws.codedeploy_groups["shop", "web"]
    code_deploy.aws.codedeploy_groups["shop", "web"] = replace(group, alarms=(SHOP.alarm, "shop-latency"))
    deployment = bakes(sick(code_deploy), REPAIR)

    (told,) = orders(code_deploy, actions.CreateDeployment)
    assert told.alarms == ("shop-latency",)
    assert told.rollback_events == ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST")
    code_deploy_ends(code_deploy)
    assert code_deploy.run(deployment).status == Status.SUCCESSFUL, deployment.status_reason


def test_an_ordinary_deployment_leaves_the_alarms_to_the_group(code_deploy: World) -> None:
    code_deploy.run(code_deploy.request("AllAtOnce"), until=Stage.SCALE_UP)
    code_deploy.advance(Deployment.objects.get())

    (told,) = orders(code_deploy, actions.CreateDeployment)
    assert (told.alarms, len(told.rollback_events)) == (None, 3)


def test_a_bad_repair_by_code_deploy_stays(code_deploy: World) -> None:
    deployment = bakes(sick(code_deploy), REPAIR)

    turns_bad(code_deploy)
    code_deploy.run(deployment)

    assert deployment.status == Status.FAILED, deployment.status_reason
    assert orders(code_deploy, actions.StopDeployment) == []
    assert "and CodeDeploy goes on with it by itself" in deployment.status_reason


def test_a_first_release_by_code_deploy_scales_the_service_and_then_deploys(code_deploy: World) -> None:
    deployment = bakes(empty(code_deploy), FIRST)

    done = [type(each).__name__ for each in code_deploy.aws.performed]
    assert done == ["RegisterTaskDefinition", "UpdateService", "CreateDeployment"]
    assert orders(code_deploy, actions.UpdateService)[0].desired == 2
    code_deploy_ends(code_deploy)
    assert code_deploy.run(deployment).status == Status.SUCCESSFUL, deployment.status_reason


def test_whoever_stops_a_first_release_by_code_deploy_gets_the_empty_service_back(code_deploy: World) -> None:
    deployment = code_deploy.run(begun(empty(code_deploy), FIRST), until=Stage.SCALE_UP)
    while not orders(code_deploy, actions.CreateDeployment):
        code_deploy.advance(deployment)

    turning_back.stop(deployment=deployment, principal=Principal.person(code_deploy.requester), now=code_deploy.clock())
    code_deploy.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert shop(code_deploy).desired == 0


def test_a_repair_by_code_deploy_takes_no_strategy_whose_steps_are_not_known(code_deploy: World) -> None:
    with pytest.raises(Refused, match="Repair by CodeDeploy moves all traffic at once"):
        begun(sick(code_deploy), REPAIR, "GROUP_CONFIG")


@pytest.fixture
def express(monkeypatch: Patch) -> World:
    world = connected(express_world.make_express_world(), monkeypatch)
    world.aws.set_health(LANDING.task_definition(), "unhealthy", "Target.ResponseCodeMismatch", "codes: [400]")
    world.aws.alarm(LANDING.own_alarm, "ALARM", "all answers were 5xx")
    return world


def test_a_repair_in_express_mode_passes_over_ecs_own_alarm(express: World) -> None:
    deployment = express.run(begun(express, REPAIR))
    assert deployment.gates.open().exists(), deployment.status_reason
    express.approve(deployment)
    express.run(deployment, until=Stage.SCALE_UP)
    express.advance(deployment)
    express_world.ecs_bakes(express, deployment)
    express.run(deployment, until=Stage.BAKE_TIME)
    express_world.ecs_ends(express, deployment)

    express.run(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert "still in ALARM, as before this repair" in deployment.facts["warnings"][-1]


def test_a_first_release_in_express_mode_is_refused_with_what_to_do(express: World) -> None:
    with pytest.raises(Refused, match="Raise minTaskCount of landing"):
        begun(express, FIRST)


@pytest.fixture
def servers(monkeypatch: Patch) -> World:
    world = connected(servers_world.make_servers_world(alarms=SHOP.alarm), monkeypatch)
    world.aws.alarm(SHOP.alarm, "ALARM", "no healthy host")
    return world


def test_a_repair_of_servers_installs_beside_the_alarm(servers: World) -> None:
    deployment = begun(servers, REPAIR)
    servers_world.told(servers, deployment)
    servers_world.installs(servers, deployment)

    servers.run(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    assert orders(servers, actions.CreateDeployment)[0].rollback_events == ("DEPLOYMENT_STOP_ON_REQUEST",)


def test_a_repair_of_servers_that_code_deploy_fails_is_not_undone(servers: World) -> None:
    deployment = begun(servers, REPAIR)
    servers_world.told(servers, deployment)
    servers.aws.codedeploy["d-000000002"] = replace(servers.aws.codedeploy["d-000000002"], status="Failed")

    servers.run(deployment)

    assert deployment.status == Status.FAILED, deployment.status_reason
    assert len(orders(servers, actions.CreateDeployment)) == 1


def test_a_first_release_of_servers_is_an_ordinary_deployment(servers: World) -> None:
    with pytest.raises(Refused, match="The first bundle of servers is an ordinary deployment"):
        begun(servers, FIRST)
