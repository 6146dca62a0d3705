"""Load balancers, target groups, listeners and the alarms that watch them."""

from typing import Any


def load_balancer(elb: Any, name: str, network: dict[str, Any]) -> str:
    created = elb.create_load_balancer(
        Name=name, Subnets=network["subnets"], SecurityGroups=[network["load_balancer_security_group"]]
    )
    return str(created["LoadBalancers"][0]["LoadBalancerArn"])


def target_group(elb: Any, name: str, network: dict[str, Any], kind: str = "ip", drain: int = 10) -> str:
    created = elb.create_target_group(
        Name=name,
        Protocol="HTTP",
        Port=8000,
        VpcId=network["vpc"],
        TargetType=kind,
        HealthCheckPath="/healthz",
        HealthCheckIntervalSeconds=10,
        HealthCheckTimeoutSeconds=5,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
    )
    arn = str(created["TargetGroups"][0]["TargetGroupArn"])
    delay = {"Key": "deregistration_delay.timeout_seconds", "Value": str(drain)}
    elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[delay])
    return arn


def listener(elb: Any, balancer: str, port: int, blue: str, green: str) -> dict[str, str]:
    """A listener that answers 404 by itself and forwards everything by its one rule."""
    refuse = {
        "Type": "fixed-response",
        "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"},
    }
    created = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=port, DefaultActions=[refuse])
    listener = str(created["Listeners"][0]["ListenerArn"])
    weights = [{"TargetGroupArn": blue, "Weight": 1}, {"TargetGroupArn": green, "Weight": 0}]
    rule = elb.create_rule(
        ListenerArn=listener,
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}],
    )
    return {"listener": listener, "rule": str(rule["Rules"][0]["RuleArn"])}


def forwarding_listener(elb: Any, balancer: str, port: int, target_group: str) -> str:
    """A listener whose default action forwards to one target group."""
    forward = [{"Type": "forward", "TargetGroupArn": target_group}]
    created = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=port, DefaultActions=forward)
    return str(created["Listeners"][0]["ListenerArn"])


def alarm(cloudwatch: Any, name: str, balancer: str) -> None:
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        AlarmDescription="Targets answer 5xx",
        Namespace="AWS/ApplicationELB",
        MetricName="HTTPCode_Target_5XX_Count",
        Dimensions=[{"Name": "LoadBalancer", "Value": balancer.partition("loadbalancer/")[2]}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=5,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
    )
