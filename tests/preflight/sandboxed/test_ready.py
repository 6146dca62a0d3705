"""The seeded account as it is: nothing to complain about, whichever way it is deployed to."""

from functools import partial

import pytest

from deployments.preflight.report import Level
from tests.preflight.sandboxed.scene import KINDS, Scene, eventually

#: True of every pair that Tealgate has not deployed to yet (it suspends the idle slot's scaling itself), and of
#: environments that nobody has given alarms or a full description of their bundle.
MEANT = {
    "SERVICE_PAIR": ["scaling-suspended"],
    "ROLLING": ["alarms"],
    "servers": ["alarms"],
}


@pytest.mark.parametrize("controller", KINDS)
def test_a_seeded_environment_is_ready_to_be_deployed_to(scene: Scene, controller: str) -> None:
    looked_at = [scene.settings.blue_target_group, scene.world["legacy"]["target_group"]]
    for group in filter(None, looked_at):
        eventually(partial(healthy, scene, group))
    for alarm in scene.settings.alarms:
        eventually(partial(quiet, scene, alarm))
    eventually(lambda: not deploying(scene))

    report = scene.look()

    assert report.of(Level.ERROR, Level.UNKNOWN) == ()
    assert [result.check for result in report.of(Level.WARNING)] == MEANT.get(controller, [])


def healthy(scene: Scene, group: str) -> bool:
    states = {target.state for target in scene.gateway.target_health(group)}
    return states == {"healthy"}


def quiet(scene: Scene, alarm: str) -> bool:
    return scene.gateway.alarms([alarm])[alarm].state == "OK"


def deploying(scene: Scene) -> bool:
    """CodeDeploy's, of servers: the account's first release is installed when the sandbox starts."""
    application, group = scene.settings.codedeploy_application, scene.settings.codedeploy_group
    return bool(application) and any(
        not each.is_over for each in scene.gateway.newest_code_deployments(application, group)
    )
