"""What the health checks of target groups ask: settings that say nothing, or differ between the slots."""

from collections.abc import Callable
from typing import Any

import pytest

from deployments.preflight.report import Level
from tests.preflight.sandboxed import making
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene, eventually
from tests.sandbox.load_balancing import Target


def both(blue: dict[str, Any], green: dict[str, Any], *, served: bool = True) -> Callable[[Scene], None]:
    """Two target groups, green live with a program on port 3000 in it; `served`: that was checked and is healthy."""

    def make(scene: Scene) -> None:
        groups = [making.target_group(scene, Port=3000, **changes) for changes in (blue, green)]
        forward = making.forward({groups[0]: 0, groups[1]: 1})
        scene.change(
            blue_target_group=groups[0],
            green_target_group=groups[1],
            production_rule=making.rule(scene, forward),
            container_port=3000,
        )
        _run(scene, groups[1])
        state = "healthy" if served else "unhealthy"
        eventually(lambda: _states(scene, groups[1]) == [state])

    return make


def _run(scene: Scene, group: str) -> None:
    target = Target("server", 3000)
    scene.undo.callback(target.stop)
    where = {"TargetGroupArn": group, "Targets": [{"Id": target.ip, "Port": target.port}]}
    scene.aws("elbv2").register_targets(**where)
    scene.undo.callback(scene.aws("elbv2").deregister_targets, **where)


def _states(scene: Scene, group: str) -> list[str]:
    shown = scene.aws("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return [each["TargetHealth"]["State"] for each in shown]


def taking(codes: str, path: str = "/admin", **changes: Any) -> Callable[[Scene], None]:
    return lambda scene: _live(scene, HealthCheckPath=path, Matcher={"HttpCode": codes}, **changes)


def grpc(scene: Scene) -> None:
    """As AWS makes it when nobody says otherwise."""
    path = "/AWS.ALB/healthcheck"
    _live(scene, ProtocolVersion="GRPC", HealthCheckPath=path, Matcher={"GrpcCode": "12"})


def _live(scene: Scene, **changes: Any) -> None:
    group = making.live_group(scene, **changes)
    if not scene.settings.service_name:
        return
    place = {"containerName": "web", "containerPort": 8000, "targetGroupArn": group}
    scene.change(service_name=making.service(scene, loadBalancers=[place]))


def of_servers(scene: Scene) -> None:
    """The seeded group's; as before when the scene ends."""
    elb, group = scene.aws("elbv2"), scene.world["codedeploy"]["reports"]["target_group"]
    before = elb.describe_target_groups(TargetGroupArns=[group])["TargetGroups"][0]["Matcher"]
    elb.modify_target_group(TargetGroupArn=group, Matcher={"HttpCode": "200-404"})
    scene.undo.callback(elb.modify_target_group, TargetGroupArn=group, Matcher=before)


def fixed_port_of_instances(scene: Scene) -> None:
    """Somebody sets it after the service was made, which ECS would have refused."""
    group = making.live_group(scene, TargetType="instance")
    scene.serve(making.service_on_ec2(scene))
    scene.aws("elbv2").modify_target_group(TargetGroupArn=group, HealthCheckPort="3000")


def not_let_in(scene: Scene) -> None:
    """The tasks' group lets the load balancer reach port 8000 alone."""
    scene.change(green_target_group=making.target_group(scene, HealthCheckPort="3001"))


PORT = "HealthCheckPort"
BLUE_3001, GREEN_3000 = {PORT: "3001", "HealthCheckPath": "/health"}, {PORT: "3000", "HealthCheckPath": "/health"}
ALIKE, MATCHER, WARNING = "health-checks-alike", "health-check-matcher", Level.WARNING


def told(
    make: Callable[[Scene], None], check: str, words: str, controller: str = "SERVICE_PAIR", level: Level = WARNING
) -> Failure:
    return Failure(make, "health-settings", check, words, controller, level)


FAILURES = (
    *(
        told(both(BLUE_3001, GREEN_3000), ALIKE, words, controller, Level.ERROR)
        for controller in ("SERVICE_PAIR", "ECS", "CODE_DEPLOY")
        for words in (
            " port 3001 and case-",
            " port 3000. The running release answers that of case-",
            "has port 3001: it would never get healthy. Correct the port of the health check",
        )
    ),
    told(both({}, {PORT: "3000"}), ALIKE, "are checked alike: protocol HTTP, port 3000, path /healthz", level=Level.OK),
    told(both({"HealthCheckPath": "/ready"}, {}), ALIKE, " A release has to answer that of case-"),
    told(
        both({}, {PORT: "3001"}, served=False),
        ALIKE,
        "The running release does not answer that of case-",
        "CODE_DEPLOY",
    ),
    told(both({"HealthCheckTimeoutSeconds": 4}, {}), "health-check-pace", " given up after 4 s, healthy after 5 and"),
    told(
        both({"HealthyThresholdCount": 2}, {}), "health-check-pace", "The slots are checked at different paces: case-"
    ),
    told(taking("301"), MATCHER, "passes by a redirect (301) too (GET /admin, matcher 301). That says nothing"),
    told(taking("301"), MATCHER, "passes by a redirect (301) too (GET /admin, matcher 301). That says", "ROLLING"),
    told(taking("200,302"), MATCHER, "passes by a redirect (302) too"),
    told(
        taking("200-404"),
        MATCHER,
        "a redirect (300-399), Django's 400 to an unknown Host (400), a refusal (401-403) and",
    ),
    told(taking("200,404"), MATCHER, "passes by Not Found (404) too"),
    told(taking("200-299"), MATCHER, "passes by 200-299 alone", level=Level.OK),
    told(taking("204"), MATCHER, "passes by 204 alone", level=Level.OK),
    told(of_servers, MATCHER, "The health check of reports passes by a redirect", "servers"),
    told(grpc, MATCHER, "passes by UNIMPLEMENTED, which any gRPC server answers (12) too"),
    told(
        fixed_port_of_instances,
        "health-check-port",
        "checks port 3000 of the instance, but each task gets a port of its own there (host port 0)",
        level=Level.ERROR,
    ),
    Failure(not_let_in, "security-groups", "security-groups", "reach port 3001: its targets would never become"),
)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_a_health_check_that_says_nothing_or_another_thing_is_told(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)
