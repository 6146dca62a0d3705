"""Container instances as AWS shows them, and the room that is left on them."""

from sandbox.ecs.cluster import ContainerInstance
from sandbox.ecs.model import Json
from sandbox.ecs.store import Store


def rendered(store: Store, instance: ContainerInstance) -> Json:
    tasks = [task for task in store.tasks.values() if task.instance is instance and not task.is_stopped]
    free = remaining_memory(store, instance)
    return {
        "containerInstanceArn": instance.arn,
        "ec2InstanceId": instance.ec2_instance_id,
        "status": instance.status,
        "agentConnected": True,
        "version": 1,
        "runningTasksCount": sum(task.counts_as_running for task in tasks),
        "pendingTasksCount": sum(task.counts_as_pending for task in tasks),
        "registeredResources": _resources(instance.cpu, instance.memory),
        "remainingResources": _resources(instance.cpu, free),
        "registeredAt": instance.registered_at,
        "attributes": [{"name": name} | ({"value": v} if v else {}) for name, v in instance.attributes.items()],
        "attachments": [],
        "tags": store.tags.get(instance.arn, []),
    }


def remaining_memory(store: Store, instance: ContainerInstance) -> int:
    taken = sum(
        task.task_definition.memory
        for task in store.tasks.values()
        if task.instance is instance and not task.is_stopped
    )
    return instance.memory - taken


def _resources(cpu: int, memory: int) -> list[Json]:
    return [
        {"name": "CPU", "type": "INTEGER", "integerValue": cpu},
        {"name": "MEMORY", "type": "INTEGER", "integerValue": memory},
    ]
