"""A landing page as a service of Express Mode: ECS makes all that is around it. Seeded for those who ask for it."""

from typing import Any

from sandbox.images.registry import ecr_host
from sandbox.world.names import CLUSTER, LANDING, Client


def landing(client: Client, network: dict[str, Any], roles: dict[str, str]) -> dict[str, Any]:
    ecs = client("ecs")
    made = ecs.create_express_gateway_service(
        cluster=CLUSTER,
        serviceName=LANDING,
        infrastructureRoleArn=roles["infrastructure"],
        executionRoleArn=roles["execution"],
        taskRoleArn=roles["task"],
        primaryContainer={"image": f"{ecr_host(ecs.meta.region_name)}/storefront:1.0.0", "containerPort": 8000},
        healthCheckPath="/healthz",
        networkConfiguration={"subnets": network["subnets"], "securityGroups": [network["security_group"]]},
        scalingTarget={"minTaskCount": 2, "maxTaskCount": 6},
    )["service"]
    configuration = made["activeConfigurations"][0]
    revision = configuration["serviceRevisionArn"]
    shown = ecs.describe_service_revisions(serviceRevisionArns=[revision])["serviceRevisions"][0]
    path = shown["ecsManagedResources"]["ingressPaths"][0]
    return {
        "service": str(made["serviceArn"]),
        "task_definition": configuration["taskDefinitionArn"],
        "host": path["endpoint"],
        "listener": path["listener"]["arn"],
        "production_rule": path["rule"]["arn"],
        "target_groups": [each["arn"] for each in path["targetGroups"]],
        "alarm": shown["ecsManagedResources"]["metricAlarms"][0]["arn"].rpartition(":")[2],
    }
