"""The seeded account as it is: nothing to complain about, whichever way it is deployed to."""

import time

import pytest

from deployments.preflight.report import Level, Report
from tests.preflight.sandboxed.scene import KINDS, Scene

#: Tealgate suspends the idle slot's scaling itself, at the first deployment; not everybody names alarms; and the seeded
#: service that ECS shifts has a pause of its own, for which this environment has no gate. Before Tealgate has deployed,
#: task definitions name tags.
MEANT = {
    "SERVICE_PAIR": ["live-image", "scaling-suspended"],
    "ROLLING": ["live-image", "alarms"],
    "ECS": ["own-pauses", "live-image"],
    "EXPRESS_MODE": ["live-image"],
    "CODE_DEPLOY": ["live-image"],
    "servers": ["alarms"],
}


@pytest.mark.parametrize("controller", KINDS)
def test_a_seeded_environment_is_ready_to_be_deployed_to(scene: Scene, controller: str) -> None:
    """Once its tasks run, its targets are healthy and CodeDeploy has installed the account's first bundle."""
    report = looked_at_until_it_is_quiet(scene, MEANT.get(controller, []))

    assert report.of(Level.ERROR, Level.UNKNOWN) == ()
    assert [result.check for result in report.of(Level.WARNING)] == MEANT.get(controller, [])


def looked_at_until_it_is_quiet(scene: Scene, meant: list[str], seconds: float = 60) -> Report:
    end = time.monotonic() + seconds
    while True:
        report = scene.look()
        told = report.of(Level.ERROR, Level.UNKNOWN, Level.WARNING)
        if [result.check for result in told] == meant or time.monotonic() > end:
            return report
        time.sleep(0.2)
