"""However a deployment ends, what AWS says is live is recorded as live: the board and the next deployment go by it."""

import pytest

from deployments.aws import errors
from deployments.delivery import turning_back
from deployments.delivery.models import Deployment
from deployments.delivery.views.board import board_view
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from tests.delivery.engine import servers_world as servers
from tests.delivery.engine import shifting_world as shifting
from tests.delivery.engine.rolling_world import make_rolling_world
from tests.delivery.engine.shifting_world import make_native_world, shop
from tests.delivery.engine.world import World, make_release, make_world
from tests.fakes.aws import SHOP

pytestmark = pytest.mark.django_db


def _live(world: World) -> tuple[str | None, str]:
    world.environment.refresh_from_db()
    release = world.environment.live_release
    return (release.version if release else None), world.environment.live_slot


def _knowing(world: World, slot: str = "blue") -> World:
    world.environment.live_release = make_release(world.environment.application, "1.0.0", "1")
    world.environment.live_slot = slot
    world.environment.save()
    return world


def _roll_back(world: World, deployment: Deployment) -> Deployment:
    turning_back.roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    return world.run(deployment)


def _warm_pair() -> tuple[World, Deployment]:
    world = _knowing(make_world(gate=False))
    return world, world.run(world.request("BLUE_GREEN"), until=Stage.CLEAN_UP)


def test_a_pair_that_cannot_go_back_has_the_release_live() -> None:
    world, deployment = _warm_pair()
    world.aws.fail_next("SetWeights", errors.Denied)

    _roll_back(world, deployment)

    assert (deployment.status, _live(world)) == (Status.ROLLBACK_FAILED, ("1.1.0", "green"))


def test_a_second_try_that_goes_back_has_the_source_live_again() -> None:
    world, deployment = _warm_pair()
    world.aws.fail_next("SetWeights", errors.Denied)
    _roll_back(world, deployment)

    turning_back.retry_roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)

    assert (deployment.status, _live(world)) == (Status.ROLLBACK_SUCCESSFUL, ("1.0.0", "blue"))


def test_while_two_releases_share_the_traffic_what_was_live_still_counts() -> None:
    world = _knowing(make_world(gate=False))
    deployment = world.run(world.request("CANARY"), until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    assert world.share("green") == 10
    world.aws.fail_next("SetWeights", errors.Denied)

    _roll_back(world, deployment)

    assert (deployment.status, _live(world)) == (Status.ROLLBACK_FAILED, ("1.0.0", "blue"))


def test_what_never_touched_production_changes_nothing() -> None:
    world = _knowing(make_world(gate=False))
    world.environment.refresh_from_db()
    since = world.environment.live_since

    deployment = _roll_back(world, world.request("CANARY"))

    assert (deployment.status, _live(world)) == (Status.STOPPED, ("1.0.0", "blue"))
    assert world.environment.live_since == since


def test_a_rolling_service_that_keeps_the_release_has_it_live() -> None:
    world = _knowing(make_rolling_world(), slot="")
    deployment = world.run(world.request("ROLLING"), until=Stage.BAKE_TIME)
    world.aws.fail_next("UpdateService", errors.Denied)

    _roll_back(world, deployment)

    assert (deployment.status, _live(world)) == (Status.ROLLBACK_FAILED, ("1.1.0", ""))


def test_a_rolling_service_that_is_half_way_still_has_the_source_live() -> None:
    world = _knowing(make_rolling_world(), slot="")
    world.aws.scale_after = 9
    deployment = world.run(world.request("ROLLING"), until=Stage.SCALE_UP)
    world.aws.fail_next("UpdateService", errors.Denied)

    _roll_back(world, deployment)

    assert (deployment.status, _live(world)) == (Status.ROLLBACK_FAILED, ("1.0.0", ""))


def test_a_deployment_comes_from_what_its_tasks_were_seen_to_run() -> None:
    """What was believed when it was asked for is put right as soon as the swap has looked."""
    world = _knowing(make_native_world())
    hotfix = make_release(world.environment.application, "1.0.1", "9")
    container = world.aws.task_definitions[SHOP.task_definition()].document["containerDefinitions"][0]
    container["image"] = "shop:stable"
    shop(world).digests = {"web": f"sha256:{'9' * 64}"}
    deployment = world.request("BLUE_GREEN")
    assert deployment.source_release
    assert deployment.source_release.version == "1.0.0"

    world.run(deployment, until=Stage.SCALE_UP)

    assert deployment.source_release == hotfix
    said = deployment.events.filter(kind="deployment.noted").values_list("message", flat=True)
    assert "What runs there is 1.0.1 and not 1.0.0, which is recorded as live" in said


def test_a_deployment_to_servers_comes_from_the_bundle_that_they_have() -> None:
    world = servers.make_servers_world()
    hotfix = servers.registered(world, "1.0.1")
    servers.brought(world, "d-9", "1.0.1")
    deployment = world.request("GROUP_CONFIG")
    assert deployment.source_release == world.environment.live_release

    servers.told(world, deployment)

    assert deployment.source_release == hotfix
    said = deployment.events.filter(kind="deployment.noted").values_list("message", flat=True)
    assert "What runs there is 1.0.1 and not 1.0.0, which is recorded as live" in said


def _baking(name: str) -> tuple[World, Deployment]:
    """All production traffic is on the release, which may still be turned back."""
    if name == "SERVICE_PAIR":
        return _warm_pair()
    if name == "ROLLING":
        world = _knowing(make_rolling_world(), slot="")
        return world, world.run(world.request("ROLLING"), until=Stage.BAKE_TIME)
    make = shifting.make_native_world if name == "ECS" else shifting.make_code_deploy_world
    world = _knowing(make())
    deployment = world.run(world.request(world.environment.strategy), until=Stage.SCALE_UP)
    (shifting.ecs_bakes if name == "ECS" else shifting.code_deploy_bakes)(world, deployment)
    return world, world.run(deployment, until=Stage.BAKE_TIME)


@pytest.mark.parametrize("controller", ["SERVICE_PAIR", "ROLLING", "ECS", "CODE_DEPLOY"])
def test_a_release_with_all_traffic_is_live_before_its_source_is_removed(controller: str) -> None:
    world, deployment = _baking(controller)
    slot = "" if controller == "ROLLING" else "green"

    assert not deployment.is_terminal
    assert _live(world) == ("1.1.0", slot)
    principal = Principal.person(world.approver)
    (row,) = board_view(principal=principal, waiting_for_me=[]).rows
    (cell,) = row.cells
    assert cell
    assert (cell.live_release and cell.live_release.version, cell.live_by) == ("1.1.0", "requester")


def test_the_source_is_live_again_as_soon_as_it_has_its_traffic_back() -> None:
    world, deployment = _warm_pair()
    turning_back.roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.aws.fail_next("UpdateService", errors.Throttled)

    world.advance(deployment)

    assert (deployment.status, deployment.stage) == (Status.ROLLBACK_IN_PROGRESS, Stage.CLEAN_UP)
    assert _live(world) == ("1.0.0", "blue")
