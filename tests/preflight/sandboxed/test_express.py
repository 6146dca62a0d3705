"""Express Mode: each failure made in the account, and what people read; and the others who leave such a service be."""

from collections.abc import Callable
from typing import Any

import pytest

from deployments.frozen import SmokeSpec
from deployments.preflight.report import Level
from sandbox.world import LANDING
from tests.preflight.sandboxed import making
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene, eventually
from tests.preflight.sandboxed.test_permissions import without
from tests.preflight.sandboxed.test_watching import not_watched, scaling

#: Of an alarm as DescribeAlarms shows it, what PutMetricAlarm takes.
PUT = (
    "AlarmName", "AlarmDescription", "Metrics", "EvaluationPeriods", "DatapointsToAlarm", "Threshold",
    "ComparisonOperator", "TreatMissingData",
)  # fmt: skip


def of_express_mode(scene: Scene) -> None:
    scene.serve(LANDING)


def of_itself(scene: Scene) -> None:
    """As it is seeded."""


def of_somebody_else(scene: Scene) -> None:
    scene.serve("legacy-api")


def nobody(scene: Scene) -> None:
    scene.serve("case-nobody")


def _as_it_was(scene: Scene) -> Any:
    """ECS's own alarm is put back when the scene ends."""
    cloudwatch, name = scene.aws("cloudwatch"), scene.world[LANDING]["alarm"]
    shown = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    kept = {member: shown[member] for member in PUT if member in shown}
    scene.undo.callback(making.in_state, scene, name, "OK")
    scene.undo.callback(cloudwatch.put_metric_alarm, **kept)
    return cloudwatch


def own_alarm_deleted(scene: Scene) -> None:
    _as_it_was(scene).delete_alarms(AlarmNames=[scene.world[LANDING]["alarm"]])


def own_alarm(state: str, reason: str) -> Callable[[Scene], None]:
    """And staying there: what it measured is taken away, and missing data is ignored."""

    def make(scene: Scene) -> None:
        cloudwatch, name = _as_it_was(scene), scene.world[LANDING]["alarm"]
        cloudwatch.delete_alarms(AlarmNames=[name])
        cloudwatch.put_metric_alarm(
            AlarmName=name, Namespace="Shop", MetricName="Orders", Statistic="Sum", Period=60, EvaluationPeriods=1,
            Threshold=1, ComparisonOperator="LessThanThreshold", TreatMissingData="ignore",
        )  # fmt: skip
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=reason)

    return make


def with_a_check(scene: Scene) -> None:
    scene.change(smoke_checks=(SmokeSpec(path="/"),))


def without_a_port(scene: Scene) -> None:
    scene.change(container_port=9000)


def no_target_answers(scene: Scene) -> None:
    """What ECS put there is taken out; it does not repair that."""
    elb = scene.aws("elbv2")
    group = scene.world[LANDING]["target_groups"][0]

    def states() -> list[str]:
        shown = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return [each["TargetHealth"]["State"] for each in shown]

    eventually(lambda: states() == ["healthy", "healthy"])
    shown = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    targets = [each["Target"] for each in shown]
    elb.deregister_targets(TargetGroupArn=group, Targets=targets)
    scene.undo.callback(elb.register_targets, TargetGroupArn=group, Targets=targets)


def security_group_closed(scene: Scene) -> None:
    """By which the load balancer reaches the tasks; the seeded one lets it in too."""
    ec2 = scene.aws("ec2")
    shown = scene.aws("ecs").describe_services(cluster=scene.world["cluster"], services=[LANDING])["services"][0]
    for group in shown["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"]:
        rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
        if rules:
            ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rules)
            scene.undo.callback(ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=rules)


EXPRESS, WARNING = "EXPRESS_MODE", Level.WARNING
ONLY = "landing is a service of Express Mode: ECS owns its rules and target groups, and only UpdateExpress"
FAILURES = (
    Failure(nobody, "service", "service-active", "The service case-nobody does not exist in cluster", EXPRESS),
    Failure(of_somebody_else, "service", "service-express", "legacy-api is no service of Express Mode, so", EXPRESS),
    Failure(own_alarm_deleted, "express-alarm", "express-alarm", "does not exist any more. Have ECS", EXPRESS, WARNING),
    Failure(
        own_alarm("ALARM", "pages are gone"),
        "express-alarm",
        "express-alarm",
        "is in ALARM: pages are gone. ECS would not go by it. Mend first",
        EXPRESS,
    ),
    Failure(no_target_answers, "health-check", "health-check", "is live, but has no targets", EXPRESS),
    Failure(without_a_port, "task-definition", "container-port", "maps 8000, but the load balancer is to", EXPRESS),
    Failure(security_group_closed, "security-groups", "security-groups", "does not let the load balancer", EXPRESS),
    Failure(not_watched, "watch-5xx", "watch-5xx", "The watch over 5xx answers is off", EXPRESS, WARNING),
    Failure(scaling(LANDING, 2), "scaling", "scalable-targets", "goes on during a deployment", EXPRESS, Level.OK),
    Failure(of_itself, "timing", "deployment-time", "and so does a way back after its end", EXPRESS, Level.OK),
    Failure(with_a_check, "checks", "checks-not-sent", "1 check of this environment is not sent", EXPRESS, WARNING),
    Failure(
        without("ecs:UpdateExpressGatewayService"),
        "permissions",
        "permissions",
        "needs ecs:UpdateExpressGatewayService on arn:aws:ecs:us-east-1:123456789012:service/storefront/landing",
        EXPRESS,
    ),
    Failure(of_express_mode, "services", "service-controller", ONLY),
    Failure(of_express_mode, "service", "service-controller", ONLY, "ROLLING"),
    Failure(of_express_mode, "service", "service-controller", ONLY, "ECS"),
    Failure(of_express_mode, "service", "service-controller", "so CodeDeploy cannot deploy to it", "CODE_DEPLOY"),
)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_what_is_wrong_with_a_service_of_express_mode_is_told(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)
