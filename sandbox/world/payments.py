"""A service that ECS deploys to by canary, with a pause once test traffic reaches the new revision.

One service behind two target groups: ECS takes the one that is idle, tries it on the test listener, and shifts the
production listener's weights with its infrastructure role.
"""

from typing import Any

from sandbox.world import balancing
from sandbox.world.names import CLUSTER, PAYMENTS, PAYMENTS_PORTS, Client
from sandbox.world.services import network_configuration, register


def payments(client: Client, network: dict[str, Any], roles: dict[str, str], secret: str) -> dict[str, Any]:
    elb = client("elbv2")
    balancer = balancing.load_balancer(elb, PAYMENTS, network)
    blue, green = (balancing.target_group(elb, f"{PAYMENTS}-{slot}", network) for slot in ("blue", "green"))
    production, test = (balancing.listener(elb, balancer, port, blue, green) for port in PAYMENTS_PORTS)
    alarm = f"{PAYMENTS}-5xx"
    balancing.alarm(client("cloudwatch"), alarm, balancer)
    task_definition = register(client("ecs"), PAYMENTS, roles, secret)
    advanced = {
        "alternateTargetGroupArn": green,
        "productionListenerRule": production["rule"],
        "testListenerRule": test["rule"],
        "roleArn": roles["infrastructure"],
    }
    load_balancer = {"targetGroupArn": blue, "containerName": "web", "containerPort": 8000}
    created = client("ecs").create_service(
        cluster=CLUSTER,
        serviceName=PAYMENTS,
        taskDefinition=task_definition,
        desiredCount=2,
        launchType="FARGATE",
        loadBalancers=[load_balancer | {"advancedConfiguration": advanced}],
        networkConfiguration=network_configuration(network),
        healthCheckGracePeriodSeconds=30,
        deploymentConfiguration=configuration(alarm),
    )
    return {
        "service": str(created["service"]["serviceArn"]),
        "task_definition": task_definition,
        "load_balancer": balancer,
        "production_port": PAYMENTS_PORTS[0],
        "test_port": PAYMENTS_PORTS[1],
        "production_listener": production["listener"],
        "production_rule": production["rule"],
        "test_listener": test["listener"],
        "test_rule": test["rule"],
        "target_groups": {"blue": blue, "green": green},
        "alarms": [alarm],
    }


def configuration(alarm: str) -> dict[str, Any]:
    return {
        "strategy": "CANARY",
        "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 1},
        "bakeTimeInMinutes": 1,
        "lifecycleHooks": [
            {
                "targetType": "PAUSE",
                "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
                "timeoutConfiguration": {"timeoutInMinutes": 1440, "action": "ROLLBACK"},
            }
        ],
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "alarms": {"alarmNames": [alarm], "enable": True, "rollback": True},
    }
