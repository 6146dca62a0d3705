"""Servers, through the engine: what a retried roll back does, and what is recorded as live."""

import pytest

from deployments.aws.actions import CreateDeployment
from deployments.vocabulary import Status
from tests.delivery.engine import servers_world as servers

pytestmark = pytest.mark.django_db


def test_a_retry_makes_a_deployment_where_codedeploy_s_own_roll_back_failed() -> None:
    world = servers.make_servers_world()
    before, deployment = world.environment.live_release, world.request("GROUP_CONFIG")
    servers.told(world, deployment)
    servers.cannot_stop_what_is_there(world, deployment)
    assert world.run(deployment).status == Status.ROLLBACK_FAILED
    assert "ApplicationStop (scripts/stop.sh) failed on i-1. i-2 failed too." in deployment.status_reason
    assert [type(act).__name__ for act in world.aws.performed] == ["CreateDeployment"]

    servers.retried(world, deployment)
    servers.goes_back(world, deployment)
    servers.installs(world, deployment)
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    _, back = world.aws.performed
    assert isinstance(back, CreateDeployment)
    assert (back.revision["s3Location"]["key"], back.ignore_stop_failures) == ("1.0.0.zip", True)
    world.environment.refresh_from_db()
    assert world.environment.live_release == before


def test_a_bake_without_an_alarm_ends_with_the_release_live() -> None:
    world = servers.make_servers_world()
    deployment = world.request("GROUP_CONFIG")
    servers.told(world, deployment)
    servers.installs(world, deployment)

    world.run(deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    world.environment.refresh_from_db()
    assert world.environment.live_release == world.release
