"""The catalog: an ECS service that CodeDeploy deploys to.

A gate before production traffic, a canary, an alarm, automatic rollback, and five minutes in which the
original task set is kept.
"""

from collections.abc import Callable
from typing import Any

from sandbox.images.registry import ecr_host
from sandbox.world import balancing
from sandbox.world.names import CATALOG, CATALOG_PORTS, Client
from sandbox.world.services import network_configuration

IMAGES: tuple[dict[str, Any], ...] = (
    {"tag": "1.0.0"},
    {"tag": "1.1.0"},
    {"tag": "1.2.0", "behaviour": "errors"},
    {"tag": "1.3.0", "behaviour": "unhealthy"},
)
REGISTRABLE = (
    "networkMode",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "runtimePlatform",
    "executionRoleArn",
    "taskRoleArn",
    "containerDefinitions",
)


def catalog(client: Client, push: Callable[[dict[str, Any]], Any], world: dict[str, Any], role: str) -> dict[str, Any]:
    elb, network = client("elbv2"), world["network"]
    client("ecr").create_repository(repositoryName=CATALOG)
    for image in IMAGES:
        push({"repository": CATALOG} | image)
    balancer = balancing.load_balancer(elb, CATALOG, network)
    blue, green = (balancing.target_group(elb, f"catalog-{slot}", network) for slot in ("blue", "green"))
    production, test = (balancing.forwarding_listener(elb, balancer, port, blue) for port in CATALOG_PORTS)
    definition = _register(client("ecs"), world["task_definition"])
    _service(client("ecs"), world, definition, blue)
    balancing.alarm(client("cloudwatch"), "catalog-5xx", balancer)
    codedeploy = client("codedeploy")
    codedeploy.create_application(applicationName=CATALOG, computePlatform="ECS")
    codedeploy.create_deployment_group(**_catalog_group(world["cluster"], role, production, test))
    return {
        "application": CATALOG,
        "deployment_group": "production",
        "service": CATALOG,
        "repository": CATALOG,
        "repository_uri": f"{ecr_host(world['region'])}/catalog",
        "versions": [image["tag"] for image in IMAGES],
        "task_definition": definition,
        "load_balancer": balancer,
        "production_port": CATALOG_PORTS[0],
        "test_port": CATALOG_PORTS[1],
        "production_listener": production,
        "production_rule": _default_rule(elb, production),
        "test_listener": test,
        "test_rule": _default_rule(elb, test),
        "target_groups": {"blue": blue, "green": green},
        "alarms": ["catalog-5xx"],
    }


def _catalog_group(cluster: str, role: str, production: str, test: str) -> dict[str, Any]:
    pair = {
        "targetGroups": [{"name": "catalog-blue"}, {"name": "catalog-green"}],
        "prodTrafficRoute": {"listenerArns": [production]},
        "testTrafficRoute": {"listenerArns": [test]},
    }
    events = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]
    return {
        "applicationName": CATALOG,
        "deploymentGroupName": "production",
        "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes",
        "serviceRoleArn": role,
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "ecsServices": [{"serviceName": CATALOG, "clusterName": cluster}],
        "loadBalancerInfo": {"targetGroupPairInfoList": [pair]},
        "blueGreenDeploymentConfiguration": {
            "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60},
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
        },
        "autoRollbackConfiguration": {"enabled": True, "events": events},
        "alarmConfiguration": {"enabled": True, "alarms": [{"name": "catalog-5xx"}]},
    }


def _default_rule(elb: Any, listener: str) -> str:
    (rule,) = elb.describe_rules(ListenerArn=listener)["Rules"]
    return str(rule["RuleArn"])


def _register(ecs: Any, like: str) -> str:
    current = ecs.describe_task_definition(taskDefinition=like)["taskDefinition"]
    body = {name: current[name] for name in REGISTRABLE}
    container = body["containerDefinitions"][0]
    container["image"] = f"{ecr_host(ecs.meta.region_name)}/catalog:1.0.0"
    container["logConfiguration"]["options"]["awslogs-stream-prefix"] = CATALOG
    registered = ecs.register_task_definition(family=CATALOG, **body)
    return str(registered["taskDefinition"]["taskDefinitionArn"])


def _service(ecs: Any, world: dict[str, Any], definition: str, target_group: str) -> None:
    ecs.create_service(
        cluster=world["cluster"],
        serviceName=CATALOG,
        taskDefinition=definition,
        desiredCount=2,
        launchType="FARGATE",
        deploymentController={"type": "CODE_DEPLOY"},
        loadBalancers=[{"targetGroupArn": target_group, "containerName": "web", "containerPort": 8000}],
        networkConfiguration=network_configuration(world["network"]),
        healthCheckGracePeriodSeconds=120,
    )
