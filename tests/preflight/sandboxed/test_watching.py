"""Alarms, scaling and draining: each failure made in the account, and what people read."""

from collections.abc import Callable

import pytest

from deployments.preflight.report import Level
from tests.preflight.sandboxed import making
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene


def alarm(state: str, reason: str) -> Callable[[Scene], None]:
    return lambda scene: scene.change(alarms=(making.alarm(scene, state, reason),))


def alarm_deleted(scene: Scene) -> None:
    name = making.alarm(scene, "OK", "all is well")
    scene.aws("cloudwatch").delete_alarms(AlarmNames=[name])
    scene.change(alarms=(name,))


def no_alarms(scene: Scene) -> None:
    scene.change(alarms=())


def not_watched(scene: Scene) -> None:
    scene.change(max_5xx_percent=100)


def scaling(service: str, least: int = 0, most: int = 6, suspended: bool = False) -> Callable[[Scene], None]:
    """Application Auto Scaling's limits of one of the environment's services; as they were afterwards."""

    def make(scene: Scene) -> None:
        making.scaled(scene, service, least, most, suspended)

    return make


def not_scaled(scene: Scene) -> None:
    making.not_scaled(scene, "storefront-production-green")


def drained_for_the_default(scene: Scene) -> None:
    """300 s, which AWS sets unless somebody says otherwise."""
    making.live_group(scene)


def drained_for_the_default_by_a_service(scene: Scene) -> None:
    group = making.live_group(scene)
    scene.change(service_name=making.service(scene, group=group))


LIVE, IDLE = "storefront-production-blue", "storefront-production-green"
WARNING, OK = Level.WARNING, Level.OK
DEFAULT = "drains for 5 min, which is AWS's default; each scale-down waits for all of it"
FAILURES = (
    Failure(no_alarms, "alarms", "alarms", "No CloudWatch alarm is named", level=WARNING),
    Failure(alarm_deleted, "alarms", "alarms", "does not exist in this account and region"),
    Failure(alarm("ALARM", "too many lost orders"), "alarms", "alarms", "s: too many lost orders. A deployment"),
    Failure(
        alarm("INSUFFICIENT_DATA", "no orders"),
        "alarms",
        "alarms",
        "s: no orders. It may not notice a bad release",
        level=WARNING,
    ),
    Failure(alarm("ALARM", "too many lost orders"), "alarms", "alarms", "has been in ALARM for", "servers"),
    Failure(not_watched, "watch-5xx", "watch-5xx", "The watch over 5xx answers is off", level=WARNING),
    Failure(not_scaled, "scaling", "scalable-targets", f"{LIVE} is scaled automatically, but {IDLE}", level=WARNING),
    Failure(
        scaling(LIVE, 1, 6, suspended=True),
        "scaling",
        "scaling-suspended",
        "is live, but its scaling is suspended",
        level=WARNING,
    ),
    Failure(scaling(IDLE), "scaling", "scaling-suspended", "is idle, but its scaling is not suspended", level=WARNING),
    Failure(
        scaling(LIVE, 3, 6),
        "scaling",
        "scaling-limits",
        f"The minimum capacity of {LIVE} is 3, but the live slot has a desired count of 2",
        level=WARNING,
    ),
    Failure(
        scaling(IDLE, 0, 1),
        "scaling",
        "scaling-limits",
        f"The maximum capacity of {IDLE} is 1, but the live slot has a desired count of 2",
        level=WARNING,
    ),
    Failure(scaling("catalog"), "scaling", "scalable-targets", "CodeDeploy tries again", "CODE_DEPLOY", WARNING),
    Failure(scaling("catalog", suspended=True), "scaling", "scalable-targets", "which is suspended", "CODE_DEPLOY", OK),
    Failure(scaling("payments"), "scaling", "scalable-targets", "but it still scales out", "ECS", OK),
    Failure(scaling("legacy-api"), "scaling", "scalable-targets", "that goes on during a deployment", "ROLLING", OK),
    Failure(drained_for_the_default, "timing", "deregistration-delay", DEFAULT, level=WARNING),
    Failure(drained_for_the_default_by_a_service, "timing", "deregistration-delay", DEFAULT, "ROLLING", WARNING),
    Failure(drained_for_the_default, "timing", "deregistration-delay", DEFAULT, "CODE_DEPLOY", WARNING),
)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_what_would_not_be_noticed_or_take_long_is_told(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)
