"""A way back that ends in failure, whatever made it fail: what the service's owner has set is as it was found."""

import pytest

from deployments.aws import actions, errors
from deployments.delivery import turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from tests.delivery.engine import shifting_world as shifting
from tests.delivery.engine.shifting_world import shop
from tests.delivery.engine.world import World

pytestmark = pytest.mark.django_db

OWN = {"lifecycleHooks": [shifting.OWN_HOOK]}
DENIED = errors.Denied("StopServiceDeployment", "AccessDeniedException", "You may not")


def _shifting() -> tuple[World, Deployment]:
    """The release has all traffic, and the owner's hooks stand beside what is ours."""
    world = shifting.make_native_world()
    deployment = world.run(world.request("BLUE_GREEN"), until=Stage.SCALE_UP)
    world.aws.ecs_bakes()
    world.run(deployment, until=Stage.BAKE_TIME)
    assert shop(world).deployment_configuration["bakeTimeInMinutes"] == 1
    return world, deployment


def _hooks(world: World) -> object:
    return shop(world).deployment_configuration["lifecycleHooks"]


def _roll_back(world: World, deployment: Deployment) -> None:
    turning_back.roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)


def test_a_refusal_of_aws_ends_it_after_the_owner_s_settings_were_given_back() -> None:
    world, deployment = _shifting()
    world.aws.fail_next("StopServiceDeployment", DENIED)

    _roll_back(world, deployment)

    assert deployment.status == Status.ROLLBACK_FAILED
    assert "You may not" in deployment.status_reason
    assert _hooks(world) == OWN["lifecycleHooks"]
    assert shop(world).deployment_configuration["bakeTimeInMinutes"] == 0
    assert [each.kind for each in deployment.events.all()].count("aws.UpdateService") == 2


def test_where_that_is_refused_too_the_reason_says_so() -> None:
    world, deployment = _shifting()
    world.aws.fail_next("StopServiceDeployment", DENIED)
    world.aws.fail_next("UpdateService", errors.Denied("UpdateService", "AccessDeniedException", "Nor this"))

    _roll_back(world, deployment)

    assert deployment.status == Status.ROLLBACK_FAILED
    assert "What the service's owner has set there was not given back either" in deployment.status_reason
    assert "Nor this" in deployment.status_reason


def test_a_second_try_that_tells_ecs_again_gives_back_again() -> None:
    world, deployment = _shifting()
    shifting.ecs_is_ahead(world, deployment)
    world.aws.fail_next("UpdateService", errors.Denied("UpdateService", "AccessDeniedException", "Not now"))
    _roll_back(world, deployment)
    assert (deployment.status, _hooks(world)) == (Status.ROLLBACK_FAILED, OWN["lifecycleHooks"])

    turning_back.retry_roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    told = [each for each in world.aws.performed if isinstance(each, actions.UpdateService) and each.task_definition]
    assert (told[-1].deployment_configuration or {})["lifecycleHooks"] == []
    assert _hooks(world) == OWN["lifecycleHooks"]
