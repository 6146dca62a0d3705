"""Somebody stops ours in CodeDeploy and deploys to the ECS service: the page, the board, and what is live."""

from dataclasses import replace

import pytest

from deployments.catalog import looking
from deployments.catalog.models import running
from deployments.delivery.models import Deployment
from deployments.delivery.views.board import board_view
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from tests.delivery.engine import shifting_world as shifting
from tests.delivery.engine.world import World, make_release
from tests.fakes.aws import SHOP
from tests.swaps.test_code_deploy_beside import appspec, theirs

pytestmark = pytest.mark.django_db
HOTFIX = SHOP.task_definition(9)


def _stopped_in_its_bake() -> tuple[World, Deployment]:
    """CodeDeploy has gone back to 1.0.0 by then, and theirs is on its way."""
    world = shifting.make_code_deploy_world()
    world.environment.live_release = make_release(world.environment.application, "1.0.0", "1")
    world.environment.live_slot = "blue"
    world.environment.save()
    deployment = world.run(world.request("AllAtOnce"), until=Stage.SCALE_UP)
    shifting.code_deploy_bakes(world, deployment)
    world.run(deployment, until=Stage.BAKE_TIME)
    aws, live = world.aws, world.aws.task_definitions[SHOP.task_definition()]
    container = {**live.document["containerDefinitions"][0], "image": f"shop@sha256:{'9' * 64}"}
    document = {**live.document, "containerDefinitions": [container]}
    aws.task_definitions[HOTFIX] = replace(live, arn=HOTFIX, document=document)
    aws.appspecs[HOTFIX] = appspec(HOTFIX)
    ours = next(reversed(aws.codedeploy))
    aws.codedeploy[ours] = replace(
        aws.codedeploy[ours], status="Stopped", error_code="MANUAL_STOP", rollback_id="d-8", completed_at=world.clock()
    )
    aws.codedeploy["d-8"] = replace(theirs("Succeeded"), id="d-8", description="", creator="codeDeployRollback")
    aws.codedeploy["d-9"] = theirs(brings=HOTFIX)
    aws.set_weights(SHOP.production_rule, {SHOP.target_group("blue"): 100, SHOP.target_group("green"): 0})
    shop = shifting.shop(world)
    shop.task_definition = shop.running_task_definition = SHOP.task_definition()
    return world, deployment


def test_theirs_is_named_once_and_shown_on_the_board_at_once() -> None:
    world, deployment = _stopped_in_its_bake()

    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert deployment.status_reason.count("CodeDeploy's deployment d-9 of") == 1
    assert "deploys shop:9 (shop@sha256:999999999999) to shop-blue; it was left alone." in deployment.status_reason
    assert "Deploy the release that you want once theirs has ended" in deployment.status_reason
    world.environment.refresh_from_db()
    assert world.environment.live_release == deployment.source_release

    world.clock.forward(seconds=1)
    looking.look(world.clock(), lambda binding: world.aws)
    (row,) = board_view(principal=Principal.person(world.approver), waiting_for_me=[]).rows
    (cell,) = row.cells
    assert cell
    assert "shop@sha256:999999999999 is being deployed outside Tealgate, by CodeDeploy" in cell.outside

    world.aws.codedeploy["d-9"] = theirs("Succeeded", HOTFIX)
    shop = shifting.shop(world)
    shop.task_definition = shop.running_task_definition = HOTFIX
    world.clock.forward(seconds=60)
    looking.look(world.clock(), lambda binding: world.aws)
    world.environment.refresh_from_db()
    assert "which is not 1.0.0; deployed outside Tealgate" in running.sentence(world.environment)
