"""The nouns of ECS as the JSON that AWS answers with. Datetimes stay datetimes until the wire."""

from typing import Any

from sandbox.ecs.cluster import Cluster
from sandbox.ecs.model import Container, Deployment, Json, Service, Task, TaskDefinition
from sandbox.ecs.service_deployments import connecting
from sandbox.ecs.service_deployments import rendering as service_deployments
from sandbox.ecs.service_deployments.configuration import DEFAULT_CONFIGURATION
from sandbox.ecs.store import Store
from sandbox.ecs.tasksets import rendering as task_sets


def cluster(store: Store, cluster: Cluster, *, tags: bool = False) -> Json:
    tasks = [task for task in store.tasks.values() if task.cluster is cluster]
    services = [service for service in store.services.values() if service.cluster is cluster]
    rendered: Json = {
        "clusterArn": cluster.arn,
        "clusterName": cluster.name,
        "status": cluster.status,
        "registeredContainerInstancesCount": sum(i.cluster is cluster for i in store.instances.values()),
        "runningTasksCount": sum(task.counts_as_running for task in tasks),
        "pendingTasksCount": sum(task.counts_as_pending for task in tasks),
        "activeServicesCount": sum(service.status == "ACTIVE" for service in services),
        "statistics": [],
        "settings": cluster.settings,
        "capacityProviders": cluster.capacity_providers,
        "defaultCapacityProviderStrategy": cluster.default_strategy,
        "tags": store.tags.get(cluster.arn, []) if tags else [],
    }
    return rendered | cluster.body


def task_definition(definition: TaskDefinition) -> Json:
    rendered = {
        **definition.body,
        "taskDefinitionArn": definition.arn,
        "revision": definition.revision,
        "status": definition.status,
        "registeredAt": definition.registered_at,
        "registeredBy": "arn:aws:iam::123456789012:root",
    }
    if definition.deregistered_at:
        rendered["deregisteredAt"] = definition.deregistered_at
    return rendered


def service(store: Store, service: Service, *, tags: bool = False) -> Json:
    tasks = store.tasks_of(service)
    running = sum(task.counts_as_running for task in tasks)
    rendered: Json = {
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": service.cluster.arn,
        "loadBalancers": [] if service.routed else service.load_balancers,
        "serviceRegistries": service.body.get("serviceRegistries", []),
        "status": _service_status(service, running),
        "desiredCount": service.desired_count,
        "runningCount": running,
        "pendingCount": sum(task.counts_as_pending for task in tasks),
        "deploymentConfiguration": DEFAULT_CONFIGURATION | service.deployment_configuration,
        "deployments": [],
        "events": service.events,
        "createdAt": service.created_at,
        "createdBy": "arn:aws:iam::123456789012:root",
        "placementConstraints": service.body.get("placementConstraints", []),
        "placementStrategy": service.body.get("placementStrategy", []),
        "schedulingStrategy": "REPLICA",
        "deploymentController": {"type": service.controller},
        "enableECSManagedTags": service.body.get("enableECSManagedTags", False),
        "enableExecuteCommand": service.body.get("enableExecuteCommand", False),
        "propagateTags": service.body.get("propagateTags", "NONE"),
        "availabilityZoneRebalancing": service.body.get("availabilityZoneRebalancing", "DISABLED"),
        "resourceManagementType": "ECS" if service.managed else "CUSTOMER",
    }
    if service.has_task_sets:
        rendered |= task_sets.of_service(store, service)
    elif service.deployments:
        rendered["taskDefinition"] = service.primary.task_definition.arn
    if service.controller == "ECS":
        rendered["deployments"] = [deployment(store, service, each) for each in service.deployments]
    for name in ("healthCheckGracePeriodSeconds", "networkConfiguration", "roleArn"):
        if name in service.body:
            rendered[name] = service.body[name]
    rendered |= _launch(service)
    if service.controller == "ECS":
        rendered |= service_deployments.of_service(store, service)
    if tags:
        rendered["tags"] = store.tags.get(service.arn, [])
    return rendered


def deployment(store: Store, service: Service, deployment: Deployment) -> Json:
    tasks = [task for task in store.tasks_of(service) if task.deployment is deployment]
    rendered: Json = {
        "id": deployment.id,
        "status": deployment.status,
        "taskDefinition": deployment.task_definition.arn,
        "desiredCount": _desired_count(service, deployment),
        "pendingCount": sum(task.counts_as_pending for task in tasks),
        "runningCount": sum(task.counts_as_running for task in tasks),
        "failedTasks": deployment.failed_tasks,
        "createdAt": deployment.created_at,
        "updatedAt": deployment.updated_at,
        "rolloutState": deployment.rollout_state,
        "rolloutStateReason": deployment.rollout_state_reason,
    }
    if deployment.network_configuration:
        rendered["networkConfiguration"] = deployment.network_configuration
    revision = store.service_revisions.get(deployment.revision_arn)
    connected = connecting.of_deployment(revision.body, store.region) if revision else {}
    return rendered | connected | _launch(service)


def _desired_count(service: Service, deployment: Deployment) -> int:
    if deployment.wanted is not None:
        return deployment.wanted
    return service.desired_count if deployment.status == "PRIMARY" else 0


def task(store: Store, task: Task, *, tags: bool = False) -> Json:
    rendered: Json = {
        "taskArn": task.arn,
        "clusterArn": task.cluster.arn,
        "taskDefinitionArn": task.task_definition.arn,
        "group": task.group,
        "lastStatus": task.last_status,
        "desiredStatus": task.desired_status,
        "healthStatus": "UNKNOWN",
        "launchType": task.launch_type,
        "connectivity": "CONNECTED",
        "availabilityZone": f"{store.region}a",
        "cpu": str(task.task_definition.body.get("cpu", "256")),
        "memory": str(task.task_definition.memory),
        "version": task.version,
        "createdAt": task.created_at,
        "containers": [_container(task, each) for each in task.containers],
        "attachments": _attachments(task),
        "attributes": [{"name": "ecs.cpu-architecture", "value": task.task_definition.cpu_architecture.lower()}],
        "overrides": {"containerOverrides": [{"name": each.name} for each in task.containers]} | task.overrides,
        "enableExecuteCommand": False,
        "tags": store.tags.get(task.arn, []) if tags else [],
    }
    if task.launch_type == "FARGATE":
        rendered |= {"platformVersion": "1.4.0", "platformFamily": "Linux"}
    optional: dict[str, Any] = {
        "startedBy": task.started_by,
        "startedAt": task.started_at,
        "stoppingAt": task.stopping_at,
        "stoppedAt": task.stopped_at,
        "executionStoppedAt": task.stopped_at,
        "stopCode": task.stop_code,
        "stoppedReason": task.stopped_reason,
        "containerInstanceArn": task.instance.arn if task.instance else None,
        "capacityProviderName": task.capacity_provider,
    }
    return rendered | {key: value for key, value in optional.items() if value}


def _service_status(service: Service, running: int) -> str:
    """A deleted service drains its tasks before it is INACTIVE."""
    return "DRAINING" if service.status == "INACTIVE" and running else service.status


def _launch(service: Service) -> Json:
    if service.body.get("capacityProviderStrategy"):
        launch: Json = {"capacityProviderStrategy": service.body["capacityProviderStrategy"]}
    else:
        launch = {"launchType": service.launch_type}
    if service.launch_type == "FARGATE":
        launch |= {"platformVersion": "LATEST", "platformFamily": "Linux"}
    return launch


def _container(task: Task, container: Container) -> Json:
    rendered: Json = {
        "containerArn": task.arn.replace(":task/", ":container/") + f"/{container.name}",
        "taskArn": task.arn,
        "name": container.name,
        "image": container.image,
        "lastStatus": container.last_status,
        "healthStatus": "UNKNOWN",
        "cpu": str(container.definition.get("cpu", 0)),
        "networkInterfaces": [],
        "networkBindings": [],
    }
    if task.task_definition.network_mode == "awsvpc":
        if task.ip:
            rendered["networkInterfaces"] = [{"attachmentId": task.id, "privateIpv4Address": task.ip}]
    else:
        rendered["networkBindings"] = [
            {"bindIP": "0.0.0.0", "containerPort": port, "hostPort": host_port, "protocol": "tcp"}  # noqa: S104
            for port, host_port in container.host_ports.items()
        ]
    optional = {
        "imageDigest": container.image_digest,
        "reason": container.reason,
        "exitCode": container.exit_code,
    }
    return rendered | {key: value for key, value in optional.items() if value not in ("", None)}


def _attachments(task: Task) -> list[Json]:
    if task.task_definition.network_mode != "awsvpc" or not task.ip:
        return []
    subnets = task.network_configuration.get("awsvpcConfiguration", {}).get("subnets") or [""]
    details = [{"name": "subnetId", "value": subnets[0]}, {"name": "privateIPv4Address", "value": task.ip}]
    status = "DELETED" if task.is_stopped else "ATTACHED"
    return [{"id": task.id, "type": "ElasticNetworkInterface", "status": status, "details": details}]
