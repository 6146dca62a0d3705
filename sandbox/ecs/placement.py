"""Where a task runs: Fargate has room for everything, container instances only for what fits."""

import socket
from dataclasses import dataclass

from sandbox.ecs import instances
from sandbox.ecs.cluster import Cluster, ContainerInstance
from sandbox.ecs.model import Task, TaskDefinition
from sandbox.ecs.store import Store

NO_PLACE = (
    "was unable to place a task because no container instance met all of its requirements. Reason: {reason} "
    "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
)


@dataclass(frozen=True)
class NoRoom:
    reason: str
    failure: str  # as RunTask reports it
    arn: str = ""


def find_instance(store: Store, cluster: Cluster, definition: TaskDefinition) -> ContainerInstance | NoRoom:
    ours = [each for each in store.instances.values() if each.cluster is cluster and each.status == "ACTIVE"]
    if not ours:
        return NoRoom("No Container Instances were found in your cluster.", "RESOURCE:MEMORY")
    ours.sort(key=lambda each: instances.remaining_memory(store, each), reverse=True)
    for instance in ours:
        if instances.remaining_memory(store, instance) < definition.memory:
            continue
        if not _static_ports(definition) & _ports_taken(store, instance):
            return instance
    closest = ours[0]
    number = closest.arn.rpartition("/")[2]
    sentence = f"The closest matching (container-instance {number}) "
    if instances.remaining_memory(store, closest) < definition.memory:
        return NoRoom(f"{sentence}has insufficient memory available.", "RESOURCE:MEMORY", closest.arn)
    return NoRoom(f"{sentence}is already using a port required by your task.", "RESOURCE:PORTS", closest.arn)


def assign_ports(task: Task) -> None:
    """Host ports of each container on the task's address."""
    for container in task.containers:
        for mapping in container.definition.get("portMappings", []):
            port = int(mapping["containerPort"])
            if task.task_definition.network_mode == "awsvpc":
                container.host_ports[port] = port
            else:
                container.host_ports[port] = int(mapping.get("hostPort") or 0) or _dynamic_port(task.ip)


def _static_ports(definition: TaskDefinition) -> set[int]:
    if definition.network_mode == "awsvpc":
        return set()
    mappings = [mapping for container in definition.containers for mapping in container["portMappings"]]
    return {int(mapping["hostPort"]) for mapping in mappings if mapping["hostPort"]}


def _ports_taken(store: Store, instance: ContainerInstance) -> set[int]:
    tasks = [task for task in store.tasks.values() if task.instance is instance and not task.is_stopped]
    return {port for task in tasks for container in task.containers for port in container.host_ports.values()}


def _dynamic_port(ip: str) -> int:
    """A free port of the range that Docker uses; the system hands those out for port 0."""
    with socket.socket() as probe:
        probe.bind((ip, 0))
        return int(probe.getsockname()[1])
