"""The load balancer's health check on the live slot: real targets that answer wrongly, and what people read."""

from collections.abc import Callable

import pytest

from deployments.preflight.report import Level
from tests.preflight.sandboxed import making
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene, eventually
from tests.preflight.sandboxed.test_services import switched_off
from tests.sandbox.load_balancing import Target


def answering(*codes: int, delay: float = 0.0) -> Callable[[Scene], None]:
    """The live slot's targets answer the health check with these codes, one each, after so many seconds."""

    def make(scene: Scene) -> None:
        group = making.live_group(scene)
        expected = {}
        for code in codes:
            target = _target(scene, group, code, delay)
            expected[target.ip] = "healthy" if code == 200 and not delay else "unhealthy"
        eventually(lambda: _states(scene, group) == expected)

    return make


def _target(scene: Scene, group: str, code: int = 200, delay: float = 0.0) -> Target:
    target = Target("shop")
    target.health_status, target.health_delay = code, delay
    scene.undo.callback(target.stop)
    where = {"TargetGroupArn": group, "Targets": [{"Id": target.ip, "Port": target.port}]}
    scene.aws("elbv2").register_targets(**where)
    scene.undo.callback(scene.aws("elbv2").deregister_targets, **where)
    return target


def _states(scene: Scene, group: str) -> dict[str, str]:
    shown = scene.aws("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return {each["Target"]["Id"]: each["TargetHealth"]["State"] for each in shown}


def nothing_there(scene: Scene) -> None:
    making.live_group(scene)


def first_check(scene: Scene) -> None:
    """A target whose first health check is not answered yet; AWS calls it sick only after ten of them."""
    group = making.live_group(scene, UnhealthyThresholdCount=10, HealthCheckTimeoutSeconds=4)
    _target(scene, group, delay=4)
    eventually(lambda: [*_states(scene, group).values()] == ["initial"])


def unheard(scene: Scene) -> None:
    """Nothing listens on the port any more."""
    group = making.live_group(scene)
    target = _target(scene, group)
    target.stop()
    eventually(lambda: [*_states(scene, group).values()] == ["unhealthy"])


def group_in_no_rule(scene: Scene) -> None:
    """The service still registers its tasks in it, but no rule sends anything there."""
    group = making.live_group(scene)
    _target(scene, group)
    place = {"containerName": "web", "containerPort": 8000, "targetGroupArn": group}
    scene.change(service_name=making.service(scene, loadBalancers=[place]))
    scene.aws("elbv2").delete_rule(RuleArn=scene.settings.production_rule)
    eventually(lambda: [*_states(scene, group).values()] == ["unused"])


def failure(codes: tuple[int, ...], words: str, level: Level = Level.ERROR) -> Failure:
    return Failure(answering(*codes), "health-check", "health-check", words, level=level)


FAILURES = (
    failure((400,), "sends the target's private IP as Host header. Answer /healthz in a middleware placed first"),
    failure((301,), "as SECURE_SSL_REDIRECT does to HTTPS. Answer /healthz in a middleware placed before"),
    failure((401,), "/healthz asks for a login"),
    failure((403,), "/healthz refuses the load balancer"),
    failure((404,), "There is no /healthz in the application"),
    failure((503,), "/healthz itself fails: read the container's log"),
    failure((418,), "Make /healthz answer the target group's matcher"),
    failure((200, 503), "1 of 2 targets of the live case-", Level.WARNING),
    Failure(answering(200, delay=3), "health-check", "health-check", "Nothing answered in 2 s: check that"),
    Failure(unheard, "health-check", "health-check", "Read the container's log, and ask for /healthz from within"),
    Failure(nothing_there, "health-check", "health-check", "is live, but has no targets: its visitors get 503"),
    Failure(
        switched_off,
        "health-check",
        "health-check",
        "is to run no task: its visitors get 503",
        "ROLLING",
        Level.WARNING,
    ),
    Failure(group_in_no_rule, "health-check", "health-check", "No listener rule uses the target group", "ROLLING"),
    Failure(first_check, "health-check", "health-check", "is healthy: all are still being checked for the first time"),
)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_a_health_check_that_fails_is_explained(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)
