"""Task definitions and services."""

from typing import Any

from sandbox.images.registry import ecr_host
from sandbox.world import balancing
from sandbox.world.names import CLUSTER, LEGACY_PORT, LOG_GROUP, Client


def register(ecs: Any, family: str, roles: dict[str, str], secret: str, port_name: str = "") -> str:
    region = ecs.meta.region_name
    container = {
        "name": "web",
        "image": f"{ecr_host(region)}/storefront:1.0.0",
        "essential": True,
        "portMappings": [{"containerPort": 8000, "protocol": "tcp"} | ({"name": port_name} if port_name else {})],
        "environment": [
            {"name": "DJANGO_SETTINGS_MODULE", "value": "storefront.settings"},
            {"name": "LOG_LEVEL", "value": "info"},
        ],
        "secrets": [{"name": "SECRET_KEY", "valueFrom": secret}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": LOG_GROUP,
                "awslogs-region": region,
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
    balancer = balancing.load_balancer(elb, prefix, network)
    blue, green = (balancing.target_group(elb, f"{prefix}-{slot}", network) for slot in ("blue", "green"))
    production = balancing.listener(elb, balancer, production_port, blue, green)
    test = balancing.listener(elb, balancer, test_port, blue, green)
    services = {
        slot: create_service(client, f"{prefix}-{slot}", task_definition, group, network, desired)
        for slot, group, desired in (("blue", blue, count), ("green", green, 0))
    }
    alarm = f"{prefix}-5xx"
    balancing.alarm(client("cloudwatch"), alarm, balancer)
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


def create_service(
    client: Client, name: str, task_definition: str, target_group: str, network: dict[str, Any], desired: int
) -> str:
    created = client("ecs").create_service(
        cluster=CLUSTER,
        serviceName=name,
        taskDefinition=task_definition,
        desiredCount=desired,
        launchType="FARGATE",
        loadBalancers=[{"targetGroupArn": target_group, "containerName": "web", "containerPort": 8000}],
        networkConfiguration=network_configuration(network),
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


def network_configuration(network: dict[str, Any]) -> dict[str, Any]:
    configuration = {
        "subnets": network["subnets"],
        "securityGroups": [network["security_group"]],
        "assignPublicIp": "DISABLED",
    }
    return {"awsvpcConfiguration": configuration}


def legacy(client: Client, network: dict[str, Any], roles: dict[str, str], secret: str) -> dict[str, Any]:
    """A plain rolling service behind one target group."""
    elb = client("elbv2")
    balancer = balancing.load_balancer(elb, "legacy-api", network)
    group = balancing.target_group(elb, "legacy-api", network)
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=LEGACY_PORT, DefaultActions=forward)
    task_definition = register(client("ecs"), "legacy-api", roles, secret)
    service = create_service(client, "legacy-api", task_definition, group, network, 1)
    return {
        "service": service,
        "task_definition": task_definition,
        "load_balancer": balancer,
        "target_group": group,
        "port": LEGACY_PORT,
    }
