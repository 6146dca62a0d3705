"""The seeded account: a shop called storefront with production and staging, ready to be deployed to.

Built through the API like any other account, so that nothing here knows more than a client would.
"""

import json
from collections.abc import Callable
from typing import Any

from sandbox.account import ACCOUNT, REGION
from sandbox.images.registry import ECR_HOST

CLUSTER = "storefront"
EXTERNAL_ID = "tealgate-demo"
DEPLOYER, EXECUTION, TASK = "tealgate-deployer", "storefront-execution", "storefront-task"
LOG_GROUP = "/ecs/storefront"

# What each version does when it is deployed.
IMAGES: tuple[dict[str, Any], ...] = (
    {"tag": "1.0.0"},
    {"tag": "1.1.0"},
    {"tag": "1.2.0", "behaviour": "errors"},
    {"tag": "1.3.0", "behaviour": "unhealthy"},
    {"tag": "1.4.0", "architecture": "arm64"},
    {"tag": "1.5.0", "behaviour": "migration_fails"},
    {"tag": "1.6.0", "architecture": ["amd64", "arm64"]},
)
# Listener ports and running tasks of each environment.
ENVIRONMENTS = {"production": (8080, 8081, 2), "staging": (8082, 8083, 1)}
LEGACY_PORT = 8084

Client = Callable[[str], Any]


def build(client: Client, push: Callable[[dict[str, Any]], Any], url: str) -> dict[str, Any]:
    """Create everything and return its names and ARNs."""
    network = _network(client("ec2"))
    roles = _roles(client("iam"))
    client("ecr").create_repository(repositoryName="storefront")
    for image in IMAGES:
        push({"repository": "storefront"} | image)
    client("logs").create_log_group(logGroupName=LOG_GROUP)
    secret = client("secretsmanager").create_secret(Name="storefront/django-secret-key", SecretString="not-a-secret")
    ecs = client("ecs")
    cluster = ecs.create_cluster(clusterName=CLUSTER)["cluster"]["clusterArn"]
    task_definition = _register(ecs, "storefront", roles, secret["ARN"])
    environments = {
        name: environment(client, name, network, task_definition, *ports_and_count)
        for name, ports_and_count in ENVIRONMENTS.items()
    }
    return {
        "account": ACCOUNT,
        "region": REGION,
        "endpoint": url,
        "cluster": CLUSTER,
        "cluster_arn": cluster,
        "external_id": EXTERNAL_ID,
        "roles": roles,
        "repository": "storefront",
        "repository_uri": f"{ECR_HOST}/storefront",
        "versions": [image["tag"] for image in IMAGES],
        "log_group": LOG_GROUP,
        "network": network,
        "container": "web",
        "port": 8000,
        "task_definition": task_definition,
        "environments": environments,
        "legacy": _legacy(client, network, roles, secret["ARN"]),
    }


def _network(ec2: Any) -> dict[str, Any]:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for attribute in ("EnableDnsHostnames", "EnableDnsSupport"):
        ec2.modify_vpc_attribute(VpcId=vpc, **{attribute: {"Value": True}})
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for number, zone in ((1, "a"), (2, "b"))
    ]
    balancers = _security_group(ec2, vpc, "storefront-alb", [{"CidrIp": "0.0.0.0/0"}], None, 8080, 8084)
    tasks = _security_group(ec2, vpc, "storefront-tasks", [], balancers, 8000, 8000)
    return {
        "vpc": vpc,
        "subnets": [subnet["SubnetId"] for subnet in subnets],
        "security_group": tasks,
        "load_balancer_security_group": balancers,
    }


def _security_group(
    ec2: Any, vpc: str, name: str, ranges: list[dict[str, str]], source: str | None, first: int, last: int
) -> str:
    group: str = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    permission: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": first, "ToPort": last, "IpRanges": ranges}
    if source:
        permission["UserIdGroupPairs"] = [{"GroupId": source}]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    return group


def _roles(iam: Any) -> dict[str, str]:
    tasks_trust = _trust({"Service": "ecs-tasks.amazonaws.com"})
    execution = iam.create_role(RoleName=EXECUTION, AssumeRolePolicyDocument=tasks_trust)["Role"]["Arn"]
    task = iam.create_role(RoleName=TASK, AssumeRolePolicyDocument=tasks_trust)["Role"]["Arn"]
    deployer_trust = _trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}})
    deployer = iam.create_role(RoleName=DEPLOYER, AssumeRolePolicyDocument=deployer_trust)["Role"]["Arn"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": _deployer_statements(task, execution)})
    iam.put_role_policy(RoleName=DEPLOYER, PolicyName="deploy", PolicyDocument=policy)
    return {"deployer": deployer, "execution": execution, "task": task}


def _trust(principal: dict[str, str], condition: dict[str, Any] | None = None) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _deployer_statements(task: str, execution: str) -> list[dict[str, Any]]:
    ecs = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
    balancing = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
    reading = [
        "application-autoscaling:Describe*",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "ec2:Describe*",
        "ecs:Describe*",
        "ecs:List*",
        "elasticloadbalancing:Describe*",
        "logs:GetLogEvents",
        "sts:GetCallerIdentity",
    ]
    pulling = [
        "ecr:DescribeImages",
        "ecr:DescribeRepositories",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    ]
    shifting = ["elasticloadbalancing:ModifyRule", "elasticloadbalancing:ModifyListener"]
    return [
        {"Effect": "Allow", "Action": reading, "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": pulling,
            "Resource": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/storefront",
        },
        {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": "ecs:UpdateService",
            "Resource": f"{ecs}:service/{CLUSTER}/storefront-*",
        },
        {
            "Effect": "Allow",
            "Action": ["ecs:RegisterTaskDefinition", "ecs:RunTask"],
            "Resource": f"{ecs}:task-definition/storefront:*",
        },
        {"Effect": "Allow", "Action": "ecs:StopTask", "Resource": f"{ecs}:task/{CLUSTER}/*"},
        {"Effect": "Allow", "Action": "ecs:TagResource", "Resource": f"{ecs}:*"},
        {
            "Effect": "Allow",
            "Action": shifting,
            "Resource": [
                f"{balancing}:listener-rule/app/storefront-*",
                f"{balancing}:listener/app/storefront-*",
            ],
        },
        {"Effect": "Allow", "Action": "application-autoscaling:RegisterScalableTarget", "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": ["iam:GetRole", "iam:SimulatePrincipalPolicy"],
            "Resource": f"arn:aws:iam::{ACCOUNT}:role/*",
        },
        {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": [task, execution],
            "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        },
    ]


def _register(ecs: Any, family: str, roles: dict[str, str], secret: str) -> str:
    container = {
        "name": "web",
        "image": f"{ECR_HOST}/storefront:1.0.0",
        "essential": True,
        "portMappings": [{"containerPort": 8000, "protocol": "tcp"}],
        "environment": [
            {"name": "DJANGO_SETTINGS_MODULE", "value": "storefront.settings"},
            {"name": "LOG_LEVEL", "value": "info"},
        ],
        "secrets": [{"name": "SECRET_KEY", "valueFrom": secret}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": LOG_GROUP,
                "awslogs-region": REGION,
                "awslogs-stream-prefix": family,
            },
        },
    }
    registered = ecs.register_task_definition(
        family=family,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        runtimePlatform={"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
        executionRoleArn=roles["execution"],
        taskRoleArn=roles["task"],
        containerDefinitions=[container],
        tags=[{"key": "team", "value": "shop"}],
    )
    return str(registered["taskDefinition"]["taskDefinitionArn"])


def environment(
    client: Client,
    name: str,
    network: dict[str, Any],
    task_definition: str,
    production_port: int,
    test_port: int,
    count: int,
) -> dict[str, Any]:
    """A load balancer, two target groups, two services and an alarm; whoever wants more environments adds some."""
    prefix = f"storefront-{name}"
    elb = client("elbv2")
    balancer = _load_balancer(elb, prefix, network)
    blue, green = (_target_group(elb, f"{prefix}-{slot}", network) for slot in ("blue", "green"))
    production = _listener(elb, balancer, production_port, blue, green)
    test = _listener(elb, balancer, test_port, blue, green)
    services = {
        slot: _service(client, f"{prefix}-{slot}", task_definition, group, network, desired)
        for slot, group, desired in (("blue", blue, count), ("green", green, 0))
    }
    alarm = f"{prefix}-5xx"
    _alarm(client("cloudwatch"), alarm, balancer)
    return {
        "load_balancer": balancer,
        "production_port": production_port,
        "test_port": test_port,
        "production_listener": production["listener"],
        "production_rule": production["rule"],
        "test_listener": test["listener"],
        "test_rule": test["rule"],
        "target_groups": {"blue": blue, "green": green},
        "services": services,
        "alarms": [alarm],
    }


def _load_balancer(elb: Any, name: str, network: dict[str, Any]) -> str:
    created = elb.create_load_balancer(
        Name=name, Subnets=network["subnets"], SecurityGroups=[network["load_balancer_security_group"]]
    )
    return str(created["LoadBalancers"][0]["LoadBalancerArn"])


def _target_group(elb: Any, name: str, network: dict[str, Any]) -> str:
    created = elb.create_target_group(
        Name=name,
        Protocol="HTTP",
        Port=8000,
        VpcId=network["vpc"],
        TargetType="ip",
        HealthCheckPath="/healthz",
        HealthCheckIntervalSeconds=10,
        HealthCheckTimeoutSeconds=5,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
    )
    arn = str(created["TargetGroups"][0]["TargetGroupArn"])
    delay = {"Key": "deregistration_delay.timeout_seconds", "Value": "10"}
    elb.modify_target_group_attributes(TargetGroupArn=arn, Attributes=[delay])
    return arn


def _listener(elb: Any, balancer: str, port: int, blue: str, green: str) -> dict[str, str]:
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


def _service(
    client: Client, name: str, task_definition: str, target_group: str, network: dict[str, Any], desired: int
) -> str:
    configuration = {
        "subnets": network["subnets"],
        "securityGroups": [network["security_group"]],
        "assignPublicIp": "DISABLED",
    }
    created = client("ecs").create_service(
        cluster=CLUSTER,
        serviceName=name,
        taskDefinition=task_definition,
        desiredCount=desired,
        launchType="FARGATE",
        loadBalancers=[{"targetGroupArn": target_group, "containerName": "web", "containerPort": 8000}],
        networkConfiguration={"awsvpcConfiguration": configuration},
        healthCheckGracePeriodSeconds=30,
    )
    client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=f"service/{CLUSTER}/{name}",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=min(desired, 1),
        MaxCapacity=6,
    )
    return str(created["service"]["serviceArn"])


def _alarm(cloudwatch: Any, name: str, balancer: str) -> None:
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


def _legacy(client: Client, network: dict[str, Any], roles: dict[str, str], secret: str) -> dict[str, Any]:
    """A plain rolling service behind one target group."""
    elb = client("elbv2")
    balancer = _load_balancer(elb, "legacy-api", network)
    group = _target_group(elb, "legacy-api", network)
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=LEGACY_PORT, DefaultActions=forward)
    task_definition = _register(client("ecs"), "legacy-api", roles, secret)
    service = _service(client, "legacy-api", task_definition, group, network, 1)
    return {
        "service": service,
        "task_definition": task_definition,
        "load_balancer": balancer,
        "target_group": group,
        "port": LEGACY_PORT,
    }
