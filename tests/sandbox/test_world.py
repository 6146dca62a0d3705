"""The seeded account."""

from typing import Any

from sandbox.server import Sandbox
from sandbox.world import names

APPLICATIONS = names.APPLICATIONS


def test_the_world_can_be_asked_for(client: Any, sandbox: Sandbox) -> None:
    production = sandbox.control.world["environments"]["production"]

    rule = client("elbv2").describe_rules(RuleArns=[production["production_rule"]])["Rules"][0]
    weights = {each["TargetGroupArn"]: each["Weight"] for each in rule["Actions"][0]["ForwardConfig"]["TargetGroups"]}
    targets = client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]

    assert weights == {production["target_groups"]["blue"]: 1, production["target_groups"]["green"]: 0}
    assert len(targets) == 5
    assert client("cloudwatch").describe_alarms(AlarmNames=production["alarms"])["MetricAlarms"]
