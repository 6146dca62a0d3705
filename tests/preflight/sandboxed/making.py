"""Things that a scene makes through AWS's API, and unmakes: each function defers its own undoing."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError
from moto.events.models import events_backends

from deployments.aws.listeners import load_balancer_of
from sandbox.account import ACCOUNT
from sandbox.world.names import DEPLOYER
from sandbox.world.services import network_configuration
from tests.preflight.sandboxed.scene import Scene, eventually

#: What RegisterTaskDefinition takes of what DescribeTaskDefinition shows.
REGISTRABLE = (
    "networkMode", "requiresCompatibilities", "cpu", "memory", "runtimePlatform", "executionRoleArn", "taskRoleArn",
    "containerDefinitions",
)  # fmt: skip


def _unmake(scene: Scene, delete: Callable[..., object], **names: str) -> None:
    """When the scene ends; what a test has deleted itself is gone already."""

    def deleted() -> None:
        try:
            delete(**names)
        except ClientError as error:
            if not error.response["Error"]["Code"].endswith(("NotFound", "NoSuchEntity")):
                raise

    scene.undo.callback(deleted)


def definition(scene: Scene, container: Mapping[str, Any] | None = None, **changes: Any) -> str:
    """A task definition like the seeded one, but for the members given; None leaves one out."""
    ecs = scene.aws("ecs")
    shown = ecs.describe_task_definition(taskDefinition=scene.world["task_definition"])["taskDefinition"]
    body = {name: shown[name] for name in REGISTRABLE} | changes
    body["containerDefinitions"][0] |= container or {}
    made = ecs.register_task_definition(
        family=scene.name(), **{name: value for name, value in body.items() if value is not None}
    )
    arn = str(made["taskDefinition"]["taskDefinitionArn"])
    scene.undo.callback(ecs.deregister_task_definition, taskDefinition=arn)
    return arn


def on_ec2(scene: Scene, network_mode: str = "bridge", host_port: int = 0) -> str:
    """The same for container instances."""
    mapping = {"containerPort": 8000, "hostPort": host_port}
    return definition(scene, {"portMappings": [mapping]}, networkMode=network_mode, requiresCompatibilities=["EC2"])


def service(scene: Scene, task_definition: str = "", group: str = "", **changes: Any) -> str:
    """An ECS service that runs no tasks, unless it is told otherwise; its name."""
    ecs, name = scene.aws("ecs"), scene.name()
    place = {"containerName": "web", "containerPort": 8000, "targetGroupArn": group or _blue(scene)}
    usual: dict[str, Any] = {
        "taskDefinition": task_definition or scene.world["task_definition"],
        "desiredCount": 0,
        "launchType": "FARGATE",
        "loadBalancers": [place],
        "networkConfiguration": network_configuration(scene.world["network"]),
    }
    given = {key: value for key, value in (usual | changes).items() if value is not None}
    ecs.create_service(cluster=scene.settings.cluster or scene.world["cluster"], serviceName=name, **given)
    scene.undo.callback(_delete_service, scene, name)
    return name


def service_on_ec2(scene: Scene, desired: int = 0, **changes: Any) -> str:
    """In a cluster without container instances, so that no task of it ever starts."""
    definition = changes.pop("task_definition", "") or on_ec2(scene)
    usual = {"launchType": "EC2", "networkConfiguration": None, "loadBalancers": None, "desiredCount": desired}
    name = service(scene, definition, **usual | changes)
    eventually(lambda: _shown(scene, name)["pendingCount"] == desired)
    return name


def _shown(scene: Scene, name: str) -> dict[str, Any]:
    return dict(scene.aws("ecs").describe_services(cluster=scene.world["cluster"], services=[name])["services"][0])


def _delete_service(scene: Scene, name: str) -> None:
    """What a test has deleted itself is left as it is."""
    ecs, cluster = scene.aws("ecs"), scene.world["cluster"]
    if ecs.describe_services(cluster=cluster, services=[name])["services"][0]["status"] == "ACTIVE":
        ecs.delete_service(cluster=cluster, service=name, force=True)


def settled(scene: Scene, name: str, state: str = "COMPLETED") -> None:
    """Until ECS says so of the service's deployment."""
    eventually(lambda: _shown(scene, name)["deployments"][0]["rolloutState"] == state)


def _blue(scene: Scene) -> str:
    return scene.settings.blue_target_group or str(scene.production["target_groups"]["blue"])


def target_group(scene: Scene, **changes: Any) -> str:
    """A target group that no rule refers to yet."""
    elb = scene.aws("elbv2")
    usual = {
        "Protocol": "HTTP", "Port": 8000, "VpcId": scene.world["network"]["vpc"], "TargetType": "ip",
        "HealthCheckPath": "/healthz", "HealthCheckIntervalSeconds": 5, "HealthCheckTimeoutSeconds": 2,
        "UnhealthyThresholdCount": 2,
    }  # fmt: skip
    given = {name: value for name, value in (usual | changes).items() if value is not None}
    made = elb.create_target_group(Name=scene.name(), **given)
    arn = str(made["TargetGroups"][0]["TargetGroupArn"])
    _unmake(scene, elb.delete_target_group, TargetGroupArn=arn)
    return arn


def forward(shares: Mapping[str, int], sticky: int = 0) -> dict[str, Any]:
    config: dict[str, Any] = {
        "TargetGroups": [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in shares.items()]
    }
    if sticky:
        config["TargetGroupStickinessConfig"] = {"Enabled": True, "DurationSeconds": sticky}
    return {"Type": "forward", "ForwardConfig": config}


def rule(scene: Scene, action: dict[str, Any], *conditions: dict[str, Any]) -> str:
    """A rule of the production listener that nobody's requests match."""
    elb, name = scene.aws("elbv2"), scene.name()
    beside = scene.settings.production_rule or scene.production["production_rule"]
    made = elb.create_rule(
        ListenerArn=beside.rsplit("/", 1)[0].replace(":listener-rule/", ":listener/"),
        Priority=int(name.rpartition("-")[2]) + 1,
        Conditions=[{"Field": "path-pattern", "Values": [f"/{name}"]}, *conditions],
        Actions=[action],
    )
    arn = str(made["Rules"][0]["RuleArn"])
    _unmake(scene, elb.delete_rule, RuleArn=arn)
    return arn


def listener(scene: Scene, action: dict[str, Any], port: int = 9490) -> str:
    """One more of the production listener's load balancer."""
    elb = scene.aws("elbv2")
    balancer = load_balancer_of(scene.settings.production_rule)
    made = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=port, DefaultActions=[action])
    arn = str(made["Listeners"][0]["ListenerArn"])
    _unmake(scene, elb.delete_listener, ListenerArn=arn)
    return arn


def live_group(scene: Scene, **changes: Any) -> str:
    """A target group with a rule of its own, as the environment's live slot (blue)."""
    group = target_group(scene, **changes)
    scene.change(blue_target_group=group, production_rule=rule(scene, forward({group: 1})))
    return group


def alarm(scene: Scene, state: str, reason: str) -> str:
    """In this state, and staying there: nothing is measured, and missing data is ignored."""
    cloudwatch, name = scene.aws("cloudwatch"), scene.name()
    cloudwatch.put_metric_alarm(
        AlarmName=name, Namespace="Shop", MetricName="Orders", Statistic="Sum", Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="LessThanThreshold", TreatMissingData="ignore",
    )  # fmt: skip
    scene.undo.callback(cloudwatch.delete_alarms, AlarmNames=[name])
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=reason)
    return name


def in_state(scene: Scene, name: str, state: str) -> None:
    """An alarm that measures; from the next minute on it goes by that again."""
    scene.aws("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="a scene has ended")


def security_group(scene: Scene, *permissions: Mapping[str, Any]) -> str:
    ec2, name = scene.aws("ec2"), scene.name()
    made = ec2.create_security_group(GroupName=name, Description=name, VpcId=scene.world["network"]["vpc"])
    if permissions:
        ec2.authorize_security_group_ingress(GroupId=made["GroupId"], IpPermissions=list(permissions))
    _unmake(scene, ec2.delete_security_group, GroupId=made["GroupId"])
    return str(made["GroupId"])


def role(scene: Scene, trusted: str = "ecs-tasks.amazonaws.com") -> str:
    iam, name = scene.aws("iam"), scene.name()
    statement = {"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])
    _unmake(scene, iam.delete_role, RoleName=name)
    return arn


def starting(scene: Scene, *statements: Mapping[str, Any]) -> str:
    """An execution role with these statements alone."""
    iam, arn = scene.aws("iam"), role(scene)
    where = {"RoleName": arn.rsplit("/", 1)[-1], "PolicyName": "start"}
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    iam.put_role_policy(**where, PolicyDocument=json.dumps(document))
    scene.undo.callback(iam.delete_role_policy, **where)
    return arn


def scaled(scene: Scene, name: str, least: int = 0, most: int = 6, suspended: bool = False) -> None:
    """By Application Auto Scaling within these limits, until the scene ends."""
    flags = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")
    _scaling_as_before(scene, name)
    scene.aws("application-autoscaling").register_scalable_target(
        **_resource(scene, name), MinCapacity=least, MaxCapacity=most, SuspendedState=dict.fromkeys(flags, suspended)
    )


def not_scaled(scene: Scene, name: str) -> None:
    _scaling_as_before(scene, name)
    scene.aws("application-autoscaling").deregister_scalable_target(**_resource(scene, name))


def _scaling_as_before(scene: Scene, name: str) -> None:
    scaling, resource = scene.aws("application-autoscaling"), _resource(scene, name)
    shown = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[resource["ResourceId"]])
    if shown["ScalableTargets"]:
        (before,) = shown["ScalableTargets"]
        kept = {key: before[key] for key in ("MinCapacity", "MaxCapacity", "SuspendedState")}
        scene.undo.callback(scaling.register_scalable_target, **resource, **kept)
    else:
        scene.undo.callback(scaling.deregister_scalable_target, **resource)


def _resource(scene: Scene, name: str) -> dict[str, str]:
    resource = f"service/{scene.world['cluster']}/{name}"
    return {"ServiceNamespace": "ecs", "ResourceId": resource, "ScalableDimension": "ecs:service:DesiredCount"}


def deny(scene: Scene, action: str) -> None:
    """A statement that denies it to Tealgate's role."""
    statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
    where = {"RoleName": DEPLOYER, "PolicyName": scene.name()}
    iam = scene.aws("iam")
    iam.put_role_policy(**where, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    scene.undo.callback(iam.delete_role_policy, **where)


def take_away(scene: Scene, action: str, role: str = DEPLOYER) -> None:
    """Every statement of the role, Tealgate's own if no other is named, that allows it, without it."""
    iam = scene.aws("iam")
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        where = {"RoleName": role, "PolicyName": name}
        document = iam.get_role_policy(**where)["PolicyDocument"]
        less = [*_without(document["Statement"], action)]
        if less != document["Statement"]:
            scene.undo.callback(iam.put_role_policy, **where, PolicyDocument=json.dumps(document))
            iam.put_role_policy(**where, PolicyDocument=json.dumps(document | {"Statement": less}))


def _without(statements: Sequence[Mapping[str, Any]], action: str) -> Iterator[Mapping[str, Any]]:
    for statement in statements:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        if kept := [each for each in actions if each != action]:
            yield {**statement, "Action": kept if len(kept) < len(actions) else statement["Action"]}


def rule_of_tasks(scene: Scene, task_definition: str, role: str = "") -> str:
    """A rule of the default bus that starts it once a day in the environment's cluster; its name."""
    events, name = scene.aws("events"), scene.name()
    role = role or starter(scene, "events.amazonaws.com")
    parameters = {"TaskDefinitionArn": task_definition, "LaunchType": "FARGATE"}
    target = {"Id": "1", "Arn": cluster(scene), "RoleArn": role, "EcsParameters": parameters}
    events.put_rule(Name=name, ScheduleExpression="rate(1 day)")
    events.put_targets(Rule=name, Targets=[target])
    _unmake(scene, events.delete_rule, Name=name)
    scene.undo.callback(events.remove_targets, Rule=name, Ids=["1"])
    return name


def managed(scene: Scene, service: str) -> None:
    """Every rule of the account is that service's, until the scene ends."""
    rules = events_backends[ACCOUNT][scene.world["region"]].event_buses["default"].rules.values()
    for rule in rules:
        scene.undo.callback(setattr, rule, "managed_by", rule.managed_by)
        rule.managed_by = service


def schedule_of_tasks(scene: Scene, task_definition: str) -> str:
    """The same of EventBridge Scheduler: once an hour, and switched off."""
    scheduler, name, role = scene.aws("scheduler"), scene.name(), starter(scene, "scheduler.amazonaws.com")
    parameters = {"TaskDefinitionArn": task_definition, "LaunchType": "FARGATE"}
    scheduler.create_schedule(
        Name=name,
        ScheduleExpression="rate(1 hour)",
        State="DISABLED",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": cluster(scene), "RoleArn": role, "EcsParameters": parameters},
    )
    _unmake(scene, scheduler.delete_schedule, Name=name)
    return name


def starter(scene: Scene, service: str, *allowed: Mapping[str, Any]) -> str:
    """The role by which EventBridge starts tasks, any when nothing else is said; Tealgate's policy has its name."""
    iam, name = scene.aws("iam"), f"{scene.name()}-starter"
    trusted = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])
    usual = {"Action": ["ecs:RunTask", "iam:PassRole"], "Resource": "*"}
    statements = [{"Effect": "Allow", **each} for each in allowed or (usual,)]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=name, PolicyName="run", PolicyDocument=document)
    _unmake(scene, iam.delete_role, RoleName=name)
    _unmake(scene, iam.delete_role_policy, RoleName=name, PolicyName="run")
    return arn


def cluster(scene: Scene) -> str:
    found = scene.aws("ecs").describe_clusters(clusters=[scene.settings.cluster or scene.world["cluster"]])
    return str(found["clusters"][0]["clusterArn"])
