"""Creating, promoting and deleting task sets. The caller holds the store's lock."""

import math
import random
from dataclasses import dataclass, field

from sandbox.ecs import capacity
from sandbox.ecs.errors import EcsError, InvalidParameter
from sandbox.ecs.model import Json, Service, TaskDefinition, TaskSet, launch_type, utcnow
from sandbox.ecs.store import Store

MOST_TASK_SETS = 5


class TaskSetNotFound(EcsError):
    code = "TaskSetNotFoundException"

    def __init__(self) -> None:
        super().__init__("The specified task set was not found.")


class LimitExceeded(EcsError):
    code = "LimitExceededException"


@dataclass(frozen=True)
class Wanted:
    """A task set to be."""

    definition: TaskDefinition
    load_balancers: list[Json]
    network_configuration: Json
    launch: Json
    registries: list[Json] = field(default_factory=list)
    external_id: str = ""
    started_by: str = ""
    scale: float = 100.0
    client_token: str = ""
    tags: list[Json] = field(default_factory=list)


def create(store: Store, service: Service, wanted: Wanted) -> TaskSet:
    if len(service.task_sets) >= MOST_TASK_SETS:
        raise LimitExceeded("Unable to create new TaskSet since this exceeds the maximum limit.")
    check_load_balancers(store, wanted.load_balancers, wanted.definition)
    capacity.check(service.cluster, wanted.launch.get("capacityProviderStrategy") or [])
    number = random.randrange(10**18, 10**19)
    task_set = TaskSet(
        f"ecs-svc/{number}",
        wanted.definition,
        status="ACTIVE",
        network_configuration=wanted.network_configuration,
        load_balancers=wanted.load_balancers,
        launch_type=launch_type(wanted.launch, otherwise=service.launch_type),
        arn=store.arn(f"task-set/{service.cluster.name}/{service.name}/ecs-svc/{number}"),
        external_id=wanted.external_id,
        started_by=wanted.started_by,
        scale=wanted.scale,
        launch=wanted.launch,
        client_token=wanted.client_token,
        registries=wanted.registries,
    )
    service.task_sets.append(task_set)
    service.steady = False
    store.tags[task_set.arn] = wanted.tags
    store.wake()
    return task_set


def promote(service: Service, task_set: TaskSet) -> None:
    """Make it the primary one; the service then shows its task definition, load balancers and network."""
    for each in service.task_sets:
        if each.status == "PRIMARY":
            each.status = "ACTIVE"
            each.updated_at = utcnow()
    task_set.status = "PRIMARY"
    task_set.updated_at = utcnow()
    service.body["loadBalancers"] = task_set.load_balancers
    if task_set.network_configuration:
        service.body["networkConfiguration"] = task_set.network_configuration


def drain(store: Store, service: Service, task_set: TaskSet) -> None:
    """Delete it: its tasks leave their target group first, and with the last of them it is gone."""
    task_set.status = "DRAINING"
    task_set.scale = 0.0
    task_set.updated_at = utcnow()
    service.steady = False
    store.wake()


def find(service: Service, reference: str) -> TaskSet:
    for task_set in service.task_sets:
        if reference in (task_set.id, task_set.arn) or task_set.arn.endswith("/" + reference):
            return task_set
    raise TaskSetNotFound


def computed_desired_count(service: Service, task_set: TaskSet) -> int:
    return math.ceil(service.desired_count * task_set.scale / 100)


def check_load_balancers(store: Store, balancers: list[Json], definition: TaskDefinition) -> None:
    for balancer in balancers:
        name, port = balancer.get("containerName"), balancer.get("containerPort")
        container = next((each for each in definition.containers if each["name"] == name), None)
        if container is None:
            raise InvalidParameter(f"The container {name} does not exist in the task definition.")
        if port not in [mapping["containerPort"] for mapping in container["portMappings"]]:
            raise InvalidParameter(f"The container {name} did not have a container port {port} defined.")
        target_group = balancer.get("targetGroupArn", "")
        if target_group and not store.load_balancers.attached(target_group):
            raise InvalidParameter(
                f"The target group with targetGroupArn {target_group} does not have an associated load balancer."
            )
