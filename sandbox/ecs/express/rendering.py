"""Services of Express Mode, and what ECS made for them, as the JSON that AWS answers with."""

from sandbox.account import arn as arn_of
from sandbox.ecs.express.definitions import primary_container
from sandbox.ecs.model import Json, Service
from sandbox.ecs.service_deployments.begin import active_revisions
from sandbox.ecs.service_deployments.model import ServiceRevision
from sandbox.ecs.store import Store

METRICS = {
    "AVERAGE_CPU": "ECSServiceAverageCPUUtilization",
    "AVERAGE_MEMORY": "ECSServiceAverageMemoryUtilization",
    "REQUEST_COUNT_PER_TARGET": "ALBRequestCountPerTarget",
}


def express(store: Store, service: Service, *, tags: bool = False) -> Json:
    """ECSExpressGatewayService."""
    current = store.current_service_deployment(service)
    shown: Json = {
        "cluster": service.cluster.name,
        "serviceName": service.name,
        "serviceArn": service.arn,
        "infrastructureRoleArn": service.managed["role"],
        "status": {"statusCode": "DRAINING" if service.status != "ACTIVE" else "ACTIVE"},
        "activeConfigurations": [_configuration(each) for each in _active(store, service)],
        "createdAt": service.created_at,
        "updatedAt": service.primary.updated_at,
    }
    if current is not None and not current.is_terminal:
        shown["currentDeployment"] = current.arn
    return shown | ({"tags": store.tags.get(service.arn, [])} if tags else {})


def updated(store: Store, service: Service) -> Json:
    """UpdatedExpressGatewayService."""
    current = store.current_service_deployment(service)
    assert current is not None
    return {
        "serviceArn": service.arn,
        "cluster": service.cluster.name,
        "serviceName": service.name,
        "status": {"statusCode": "ACTIVE"},
        "targetConfiguration": _configuration(current.target),
        "createdAt": service.created_at,
        "updatedAt": service.primary.updated_at,
    }


def managed_resources(revision: ServiceRevision) -> Json:
    """ECSManagedResources of a revision."""
    managed, at = revision.service.managed, revision.created_at
    ingress, region = managed["ingress"], revision.arn.split(":")[3]
    state: Json = {"status": "ACTIVE", "updatedAt": at}
    port, path = ingress["port"], ingress["healthCheckPath"]
    check = {"healthCheckPath": path, "healthCheckPort": port, "port": port}

    def group(identity: str) -> Json:
        return {"arn": arn_of("ec2", f"security-group/{identity}", region), **state}

    return {
        "ingressPaths": [
            {
                "accessType": "PUBLIC",
                "endpoint": ingress["endpoint"],
                "loadBalancer": {
                    "arn": ingress["loadBalancer"],
                    **state,
                    "scheme": "internet-facing",
                    "subnetIds": ingress["subnets"],
                    "securityGroupIds": [ingress["loadBalancerSecurityGroup"]],
                },
                "loadBalancerSecurityGroups": [group(ingress["loadBalancerSecurityGroup"])],
                "listener": {"arn": ingress["listener"], **state},
                "rule": {"arn": ingress["rule"], **state},
                "targetGroups": [{"arn": each, **state, **check} for each in ingress["targetGroups"]],
            }
        ],
        "autoScaling": {
            "scalableTarget": {
                "arn": managed.get("scalableTarget", ""),
                **state,
                "minCapacity": int(managed["scaling"]["minTaskCount"]),
                "maxCapacity": int(managed["scaling"]["maxTaskCount"]),
            },
            "applicationAutoScalingPolicies": [
                {
                    **state,
                    "policyType": "TargetTrackingScaling",
                    "targetValue": float(managed["scaling"]["autoScalingTargetValue"]),
                    "metric": METRICS[managed["scaling"]["autoScalingMetric"]],
                }
            ],
        },
        "metricAlarms": [{"arn": managed["alarmArn"], **state}],
        "serviceSecurityGroups": [group(ingress["serviceSecurityGroup"])],
    }


def _active(store: Store, service: Service) -> list[ServiceRevision]:
    """Those with tasks; at the beginning the one that is to have some."""
    current = store.current_service_deployment(service)
    return active_revisions(store, service) or ([current.target] if current else [])


def _configuration(revision: ServiceRevision) -> Json:
    definition, managed = revision.deployment.task_definition, revision.service.managed
    ingress, body = managed["ingress"], definition.body
    shown = {
        "serviceRevisionArn": revision.arn,
        "taskDefinitionArn": definition.arn,
        "cpu": str(body["cpu"]),
        "memory": str(body["memory"]),
        "cpuArchitecture": definition.cpu_architecture,
        "networkConfiguration": {"subnets": ingress["subnets"], "securityGroups": ingress["securityGroups"]},
        "healthCheckPath": ingress["healthCheckPath"],
        "primaryContainer": primary_container(definition),
        "scalingTarget": managed["scaling"],
        "ingressPaths": [{"accessType": "PUBLIC", "endpoint": f"https://{ingress['endpoint']}"}],
        "createdAt": revision.created_at,
    }
    return shown | {name: body[name] for name in ("executionRoleArn", "taskRoleArn") if body.get(name)}
