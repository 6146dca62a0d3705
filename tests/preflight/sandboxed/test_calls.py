"""What preflight asks of AWS: each thing once, and IAM once for all actions."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from deployments import preflight
from tests.preflight.sandboxed.scene import Scene

OF_A_ROLLING_DEPLOYMENT = {
    "sts:GetCallerIdentity": 1,
    "ecr:BatchGetImage": 2,  # of the release, and of what runs
    "ecs:DescribeServices": 1,
    "ecs:DescribeTaskDefinition": 1,
    "elasticloadbalancing:DescribeTargetGroups": 1,
    "elasticloadbalancing:DescribeTargetGroupAttributes": 1,
    "elasticloadbalancing:DescribeTargetHealth": 1,
    "elasticloadbalancing:DescribeLoadBalancers": 1,
    "ec2:DescribeSecurityGroups": 1,
    "application-autoscaling:DescribeScalableTargets": 1,
    "iam:GetRole": 2,  # the task's role, and the one that starts it
    "logs:DescribeLogGroups": 1,
    "iam:SimulatePrincipalPolicy": 3,  # iam:PassRole apart, with its condition; and of the execution role
}


@pytest.mark.parametrize("controller", ["ROLLING"])
def test_preflight_of_a_rolling_deployment_asks_each_thing_once(scene: Scene) -> None:
    scene.release = scene.released("1.1.0")
    scene.sandbox.faults.forget_calls()

    scene.look()

    assert scene.sandbox.faults.calls() == OF_A_ROLLING_DEPLOYMENT


@pytest.mark.parametrize("controller", ["SERVICE_PAIR", "ROLLING", "ECS", "EXPRESS_MODE", "CODE_DEPLOY", "servers"])
def test_a_deployment_that_starts_takes_iams_word_of_a_moment_ago(scene: Scene) -> None:
    scene.look()
    scene.sandbox.faults.forget_calls()

    report = preflight.run(
        scene.settings, None, scene.gateway, datetime.now(UTC), scene.kind, trusted=preflight.IAM_TRUSTED
    )

    asked = Counter(scene.sandbox.faults.calls())
    assert not {
        "iam:SimulatePrincipalPolicy", "iam:GetRole", "sts:GetCallerIdentity", "logs:DescribeLogGroups"
    } & asked.keys()  # fmt: skip
    said = {result.check: result.seen for result in report.results}
    assert all(
        ", as IAM said at " in said[check]
        for check in ("permissions", "roles-exist", "execution-role-may")
        if check in said
    )
    assert "permissions" in said
