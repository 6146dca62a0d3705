"""Task sets as the JSON that AWS answers with."""

from sandbox.ecs.model import Json, Service, TaskSet
from sandbox.ecs.store import Store
from sandbox.ecs.tasksets.sets import computed_desired_count


def of_service(store: Store, service: Service) -> Json:
    """What DescribeServices shows instead of deployments; without a primary set its fields are left out."""
    rendered: Json = {"taskSets": [task_set(store, service, each) for each in service.task_sets]}
    primary = service.primary_task_set
    if primary is not None:
        rendered["taskDefinition"] = primary.task_definition.arn
    return rendered


def task_set(store: Store, service: Service, task_set: TaskSet, *, tags: bool = False) -> Json:
    tasks = [task for task in store.tasks_of(service) if task.deployment is task_set]
    rendered: Json = {
        "id": task_set.id,
        "taskSetArn": task_set.arn,
        "serviceArn": service.arn,
        "clusterArn": service.cluster.arn,
        "status": task_set.status,
        "taskDefinition": task_set.task_definition.arn,
        "computedDesiredCount": computed_desired_count(service, task_set),
        "pendingCount": sum(task.counts_as_pending for task in tasks),
        "runningCount": sum(task.counts_as_running for task in tasks),
        "createdAt": task_set.created_at,
        "updatedAt": task_set.updated_at,
        "networkConfiguration": task_set.network_configuration,
        "loadBalancers": task_set.load_balancers,
        "serviceRegistries": task_set.registries,
        "scale": {"value": task_set.scale, "unit": "PERCENT"},
        "stabilityStatus": task_set.stability_status,
        "stabilityStatusAt": task_set.stability_status_at,
        "tags": store.tags.get(task_set.arn, []) if tags else [],
    }
    launch_type = task_set.launch_type or service.launch_type
    if "capacityProviderStrategy" in task_set.launch:
        rendered["capacityProviderStrategy"] = task_set.launch["capacityProviderStrategy"]
    else:
        rendered["launchType"] = launch_type
    if launch_type == "FARGATE":
        rendered |= {"platformVersion": task_set.launch.get("platformVersion", "1.4.0"), "platformFamily": "Linux"}
    optional = {"externalId": task_set.external_id, "startedBy": task_set.started_by}
    return rendered | {key: value for key, value in optional.items() if value}
