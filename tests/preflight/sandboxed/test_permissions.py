"""What Tealgate's role may do, and what preflight may not look at: each made in the account, and what people read."""

from collections.abc import Callable

import pytest

from deployments.frozen import TaskSpec
from deployments.preflight.report import Level
from deployments.red import Ailment, Red
from tests.preflight.sandboxed import deploying, making
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene


def without(action: str) -> Callable[[Scene], None]:
    return lambda scene: making.take_away(scene, action)


def denied(action: str) -> Callable[[Scene], None]:
    return lambda scene: making.deny(scene, action)


def fault(kind: str, service: str, operation: str) -> Callable[[Scene], None]:
    return lambda scene: scene.fault(kind, service, operation)


def may_not_tag_tasks(scene: Scene) -> None:
    """As the policies of earlier versions, whose one-off tasks had no tags."""
    scene.serve(making.service(scene, propagateTags="SERVICE"))
    scene.change(one_off_tasks=(TaskSpec(name="migrate", command=("migrate",)),))
    making.take_away(scene, "ecs:TagResource")


def repairing(scene: Scene) -> None:
    """An alarm of the deployment group rang before; the role's policy is that of earlier versions."""
    name = making.alarm(scene, "ALARM", "too few orders")
    configured = {"enabled": True, "alarms": [{"name": name}]}
    deploying.regroup(scene, alarmConfiguration=configured)
    scene.change(kind="REPAIR", red=(Red(ailment=Ailment.ALARM, name=name),))
    making.take_away(scene, UPDATE)


def nothing_live(scene: Scene) -> None:
    """What the live slot runs cannot be looked at when none is live."""
    shares = {scene.settings.blue_target_group: 0, scene.settings.green_target_group: 0}
    scene.change(production_rule=making.rule(scene, making.forward(shares)))


def no_cluster(scene: Scene) -> None:
    scene.change(cluster="case-nowhere")


UPDATE = "codedeploy:UpdateDeploymentGroup"
MODIFY, STOP = "elasticloadbalancing:ModifyRule", "codedeploy:StopDeployment"
UNKNOWN = Level.UNKNOWN
ROLE = "arn:aws:iam::123456789012:role/storefront"
PASSED = f"needs iam:PassRole on {ROLE}-task and {ROLE}-execution, which no policy allows"
FAILURES = (
    Failure(
        without("iam:PassRole"),
        "permissions",
        "permissions",
        f"To hand the task's roles to ECS, the role tealgate-deployer {PASSED}",
    ),
    Failure(
        without("iam:PassRole"),
        "permissions",
        "permissions",
        "with the condition iam:PassedToService = ecs-tasks.amazonaws.com to the role tealgate-deployer",
    ),
    Failure(
        may_not_tag_tasks,
        "permissions",
        "permissions",
        "To tag one-off tasks as the service's own are, the role tealgate-deployer needs ecs:TagResource on",
    ),
    Failure(without("ecs:RegisterTaskDefinition"), "permissions", "permissions", "which no policy allows. Allow"),
    Failure(without(MODIFY), "permissions", "permissions", f"the role tealgate-deployer needs {MODIFY}"),
    Failure(denied(MODIFY), "permissions", "permissions", "which a statement denies explicitly. Find"),
    Failure(
        without("logs:GetLogEvents"), "permissions", "permissions", "log-group:/ecs/storefront:", level=Level.WARNING
    ),
    Failure(without("ecs:UpdateService"), "permissions", "permissions", "needs ecs:UpdateService on arn:", "ROLLING"),
    Failure(
        without("ecs:StopServiceDeployment"),
        "permissions",
        "permissions",
        "service-deployment/storefront/payments/*",
        "ECS",
    ),
    Failure(without(STOP), "permissions", "permissions", "deploymentgroup:catalog/production", "CODE_DEPLOY"),
    Failure(without(STOP), "permissions", "permissions", "deploymentgroup:reports/production", "servers"),
    *(
        Failure(
            repairing,
            "permissions",
            "permissions",
            f"To leave an alarm that rang before out of a repair, the role tealgate-deployer needs {UPDATE} on",
            controller,
        )
        for controller in ("CODE_DEPLOY", "servers")
    ),
    Failure(without(UPDATE), "permissions", "permissions", "are allowed to", "CODE_DEPLOY", Level.OK),
    Failure(
        fault("deny", "iam", "SimulatePrincipalPolicy"),
        "permissions",
        "permissions",
        "because the role tealgate-deployer may not iam:SimulatePrincipalPolicy",
        level=UNKNOWN,
    ),
    Failure(
        fault("deny", "cloudwatch", "DescribeAlarms"),
        "alarms",
        "alarms",
        "Allow cloudwatch:DescribeAlarms to the role tealgate-deployer to have this checked",
        level=UNKNOWN,
    ),
    Failure(
        fault("error", "elasticloadbalancing", "DescribeTargetGroups"),
        "target-groups",
        "target-groups",
        "AWS did not answer (DescribeTargetGroups: ",
        level=UNKNOWN,
    ),
    Failure(no_cluster, "services", "services", "Could not be looked at: AWS answered DescribeServices", level=UNKNOWN),
    Failure(
        nothing_live, "health-check", "health-check", "Not looked at, because it is not clear which slot", level=UNKNOWN
    ),
)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_what_may_not_be_done_or_seen_is_told(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)
