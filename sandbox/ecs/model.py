"""The nouns of ECS, under AWS's names. Plain data: behaviour lives in ``lifecycle`` and ``rollout``."""

import math
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.ecs.cluster import Cluster, ContainerInstance, Json, utcnow
from sandbox.processes import Process

__all__ = ["Json", "utcnow"]


def launch_type(launch: Json, otherwise: str = "EC2") -> str:
    """Of a launchType or a capacityProviderStrategy as given."""
    if strategy := launch.get("capacityProviderStrategy"):
        return "FARGATE" if strategy[0]["capacityProvider"] in ("FARGATE", "FARGATE_SPOT") else "EC2"
    return str(launch.get("launchType") or otherwise)


@dataclass
class TaskDefinition:
    """``body`` is what RegisterTaskDefinition was given, with the fields AWS fills in."""

    family: str
    revision: int
    arn: str
    body: Json
    registered_at: datetime = field(default_factory=utcnow)
    deregistered_at: datetime | None = None
    status: str = "ACTIVE"

    @property
    def containers(self) -> list[Json]:
        containers: list[Json] = self.body["containerDefinitions"]
        return containers

    @property
    def network_mode(self) -> str:
        return str(self.body.get("networkMode", "bridge"))

    @property
    def memory(self) -> int:
        """MiB that a container instance must have left."""
        if self.body.get("memory"):
            return int(self.body["memory"])
        return sum(int(c.get("memory") or c.get("memoryReservation") or 0) for c in self.containers)

    @property
    def cpu_architecture(self) -> str:
        return str(self.body.get("runtimePlatform", {}).get("cpuArchitecture", "X86_64"))

    @property
    def stop_timeout(self) -> float:
        return max(float(container.get("stopTimeout", 30)) for container in self.containers)


@dataclass
class Deployment:
    id: str
    task_definition: TaskDefinition
    created_at: datetime = field(default_factory=utcnow)
    updated_at: datetime = field(default_factory=utcnow)
    status: str = "PRIMARY"
    rollout_state: str = "IN_PROGRESS"
    rollout_state_reason: str = ""
    failed_tasks: int = 0
    failures_in_a_row: int = 0  # paces the restarts; failed_tasks is what AWS shows
    not_before: float = 0.0  # monotonic time of the next start after failures
    network_configuration: Json = field(default_factory=dict)
    load_balancers: list[Json] = field(default_factory=list)
    lattice: list[Json] = field(default_factory=list)  # its ways in by VPC Lattice between which ECS shifts
    launch_type: str = ""  # the service's when empty
    revision_arn: str = ""
    wanted: int | None = None  # tasks, while a service deployment says so; otherwise the rolling update decides


@dataclass(eq=False)
class TaskSet(Deployment):
    """Tasks that CodeDeploy, or an external controller, scales as a whole; ACTIVE until it is made PRIMARY."""

    arn: str = ""
    external_id: str = ""
    started_by: str = ""
    scale: float = 100.0  # percent of the service's desired count
    launch: Json = field(default_factory=dict)  # launchType, capacityProviderStrategy, platformVersion as given
    stability_status: str = "STABILIZING"
    stability_status_at: datetime = field(default_factory=utcnow)
    client_token: str = ""
    registries: list[Json] = field(default_factory=list)


@dataclass
class Service:
    name: str
    arn: str
    cluster: Cluster
    desired_count: int
    body: Json  # request fields kept as they came: launchType, loadBalancers, networkConfiguration, ...
    deployments: list[Deployment] = field(default_factory=list)
    task_sets: list[TaskSet] = field(default_factory=list)  # instead of deployments, see tasksets
    events: list[Json] = field(default_factory=list)
    created_at: datetime = field(default_factory=utcnow)
    status: str = "ACTIVE"
    steady: bool = False
    last_completed: Deployment | None = None  # what the circuit breaker rolls back to
    stuck_reported_at: float = -math.inf
    managed: Json = field(default_factory=dict)  # what ECS made for it by itself, see express; else empty
    routed: Json = field(default_factory=dict)  # its way in through a gateway, see gateways; else empty

    @property
    def primary(self) -> Deployment:
        return next(deployment for deployment in self.deployments if deployment.status == "PRIMARY")

    @property
    def primary_task_set(self) -> TaskSet | None:
        return next((task_set for task_set in self.task_sets if task_set.status == "PRIMARY"), None)

    @property
    def has_task_sets(self) -> bool:
        return self.controller in ("CODE_DEPLOY", "EXTERNAL")

    @property
    def load_balancers(self) -> list[Json]:
        """With the one that a gateway made, which its owner does not see."""
        return list(self.body.get("loadBalancers", []))

    @property
    def launch_type(self) -> str:
        return launch_type(self.body)

    @property
    def controller(self) -> str:
        return str(self.body.get("deploymentController", {}).get("type", "ECS"))

    @property
    def deployment_configuration(self) -> Json:
        return dict(self.body.get("deploymentConfiguration", {}))

    @property
    def strategy(self) -> str:
        return str(self.deployment_configuration.get("strategy", "ROLLING"))

    @property
    def minimum_healthy(self) -> int:
        percent = int(self.deployment_configuration.get("minimumHealthyPercent", 100))
        return math.ceil(self.desired_count * percent / 100)

    @property
    def maximum(self) -> int:
        percent = int(self.deployment_configuration.get("maximumPercent", 200))
        return math.floor(self.desired_count * percent / 100)


@dataclass
class Container:
    name: str
    definition: Json
    image: str
    essential: bool = True
    image_digest: str = ""
    process: Process | None = None
    exit_code: int | None = None
    reason: str = ""
    last_status: str = "PENDING"
    host_ports: dict[int, int] = field(default_factory=dict)  # container port -> port listened on


@dataclass(frozen=True)
class Target:
    """What stands for a task in a target group; ``ip`` is an instance id in a group of instances."""

    target_group_arn: str
    ip: str
    port: int


@dataclass(eq=False)
class Task:
    id: str
    arn: str
    cluster: Cluster
    task_definition: TaskDefinition
    launch_type: str
    group: str
    started_by: str
    containers: list[Container]
    overrides: Json = field(default_factory=dict)
    service: Service | None = None
    deployment: Deployment | None = None
    instance: ContainerInstance | None = None
    network_configuration: Json = field(default_factory=dict)
    capacity_provider: str = ""
    ip: str = ""
    targets: list[Target] = field(default_factory=list)
    last_status: str = "PROVISIONING"
    desired_status: str = "RUNNING"
    stop_code: str = ""
    stopped_reason: str = ""
    created_at: datetime = field(default_factory=utcnow)
    started_at: datetime | None = None
    stopping_at: datetime | None = None
    stopped_at: datetime | None = None
    protected_until: datetime | None = None  # from scale in and deployments, see protection
    # Monotonic times that drive the lifecycle.
    running_since: float = 0.0
    drain_until: float = 0.0
    kill_at: float = 0.0
    stopped_since: float = 0.0
    healthy_once: bool = False
    waiting_for_capacity: bool = False
    version: int = 0  # counts its changes
    counted: bool = False  # its end has been taken into its deployment's failures
    reported: bool = False  # its end has been an event of its service

    @property
    def is_stopped(self) -> bool:
        return self.last_status == "STOPPED"

    @property
    def counts_as_running(self) -> bool:
        """AWS counts a task until its connections are drained."""
        return self.last_status in ("RUNNING", "DEACTIVATING")

    @property
    def counts_as_pending(self) -> bool:
        return self.last_status in ("PROVISIONING", "PENDING", "ACTIVATING")
