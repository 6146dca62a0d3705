"""The engine's world with servers that CodeDeploy installs bundles on; tests say how far it has come."""

from dataclasses import replace
from typing import Any

from deployments.aws.codedeploy_values import (
    Bundle,
    CodeDeployment,
    CodeDeployTarget,
    DeploymentGroup,
    LifecycleEvent,
    MinimumHealthy,
)
from deployments.catalog.models import Release
from deployments.delivery import turning_back
from deployments.delivery.models import Deployment
from deployments.people.principal import Principal
from tests.delivery.engine.rolling_world import NOT_OF_A_PAIR
from tests.delivery.engine.world import NOON, World, make_world
from tests.fakes.codedeploy import NO_TARGETS

PLACE = ("shop", "web")


def bundle(version: str) -> dict[str, str]:
    return {"type": "S3", "bucket": "bundles", "key": f"{version}.zip", "bundleType": "zip", "eTag": version}


def make_servers_world(**changes: Any) -> World:
    """1.0.0 is on both servers, by d-0; it is a release, and recorded as live."""
    columns = dict.fromkeys(NOT_OF_A_PAIR, "") | {
        "controller": "CODE_DEPLOY", "compute_platform": "Server", "strategy": "GROUP_CONFIG", "alarms": "",
        "codedeploy_application": PLACE[0], "codedeploy_group": PLACE[1], "bake_seconds": 2,
    }  # fmt: skip
    world = make_world(gate=False, **columns | changes)
    world.environment.live_release, world.release = registered(world, "1.0.0"), registered(world, "1.2.0")
    world.environment.save()
    world.aws.codedeploy_groups[PLACE] = DeploymentGroup(
        application=PLACE[0], name=PLACE[1], platform="Server", config="own", auto_scaling_groups=("web",)
    )
    world.aws.healthy["own"] = MinimumHealthy(kind="HOST_COUNT", value=1)
    brought(world, "d-0", "1.0.0")
    return world


def registered(world: World, version: str) -> Release:
    world.aws.bundles["bundles", f"{version}.zip"] = Bundle(etag=version)
    application = world.environment.application
    return Release.objects.create(application=application, version=version, bundle=bundle(version), registered_by="ci")


def brought(world: World, number: str, version: str) -> None:
    """By somebody, to its end."""
    world.aws.codedeploy[number] = CodeDeployment(
        id=number, status="Succeeded", bundle=bundle(version), creator="user", completed_at=NOON, overview=NO_TARGETS
    )


def _newest(world: World) -> str:
    return next(reversed(world.aws.codedeploy))


def told(world: World, deployment: Deployment) -> None:
    world.run_until_waiting_for(deployment, "CodeDeploy looks for instances")


def installs(world: World, deployment: Deployment) -> None:
    """CodeDeploy brings its newest deployment to the end, on both servers."""
    _ends(world, _newest(world), "Succeeded")


def cannot_stop_what_is_there(world: World, deployment: Deployment) -> None:
    """Its stop script fails, on the way there and when CodeDeploy goes back by itself."""
    ours, undoing = _newest(world), "d-back"
    _ends(world, ours, "Failed", rollback_id=undoing)
    world.aws.codedeploy[undoing] = CodeDeployment(id=undoing, status="InProgress", overview=NO_TARGETS)
    _ends(world, undoing, "Failed")


def retried(world: World, deployment: Deployment) -> None:
    turning_back.retry_roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())


def goes_back(world: World, deployment: Deployment) -> None:
    world.run_until_waiting_for(deployment, "CodeDeploy installs 1.0.0 again")


def _ends(world: World, number: str, status: str, **changes: Any) -> None:
    event = LifecycleEvent(name="ApplicationStop", status=status, script="scripts/stop.sh")
    world.aws.code_targets[number] = tuple(
        CodeDeployTarget(id=f"i-{server}", status=status, events=(event,)) for server in (1, 2)
    )
    world.aws.codedeploy[number] = replace(world.aws.codedeploy[number], status=status, completed_at=NOON, **changes)
