"""A service behind a gateway: no load balancer of its own, but two target groups and two rules that ECS made."""

from typing import Any

from sandbox.world.names import BOOKING, BOOKING_HEADER, CLUSTER, Client
from sandbox.world.services import network_configuration, register

PORT_NAME = "http"


def booking(client: Client, network: dict[str, Any], roles: dict[str, str], secret: str) -> dict[str, Any]:
    ecs = client("ecs")
    name, values = BOOKING_HEADER
    header = {"name": name, "values": [values]}
    gateway = ecs.create_gateway(
        name=f"{CLUSTER}-gateway",
        infrastructureRoleArn=roles["infrastructure"],
        configuration={"hostSharedAlb": {"testTrafficRules": {"header": header}}},
    )["gatewayArn"]
    ecs.associate_gateway_with_cluster(gateway=gateway, cluster=CLUSTER)
    task_definition = register(ecs, BOOKING, roles, secret, port_name=PORT_NAME)
    made = ecs.create_service(
        cluster=CLUSTER,
        serviceName=BOOKING,
        taskDefinition=task_definition,
        desiredCount=2,
        launchType="FARGATE",
        gatewayConnectors=[{"portName": PORT_NAME, "healthCheck": {"healthCheckPath": "/healthz"}}],
        networkConfiguration=network_configuration(network),
        healthCheckGracePeriodSeconds=30,
        deploymentConfiguration={
            "strategy": "BLUE_GREEN",
            "bakeTimeInMinutes": 1,
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        },
    )["service"]
    revision = made["currentServiceRevisions"][0]["arn"] if made.get("currentServiceRevisions") else ""
    if not revision:
        deployment = ecs.describe_service_deployments(serviceDeploymentArns=[made["currentServiceDeployment"]])
        revision = deployment["serviceDeployments"][0]["targetServiceRevision"]["arn"]
    shown = ecs.describe_service_revisions(serviceRevisionArns=[revision])["serviceRevisions"][0]
    connection = shown["ecsManagedResources"]["gatewayConnections"][0]
    balanced = connection["resources"]["hostSharedAlb"][0]
    return {
        "service": str(made["serviceArn"]),
        "task_definition": task_definition,
        "gateway": gateway,
        "host": connection["serviceUrl"].removeprefix("https://"),
        "listener": balanced["listenerArn"],
        "production_rule": balanced["listenerRuleArn"],
        "test_rule": balanced["testListenerRuleArn"],
        "target_groups": {"blue": balanced["targetGroupArn"], "green": balanced["alternateTargetGroupArn"]},
        "alarms": [],
    }
