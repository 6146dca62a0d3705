"""Everything ECS knows of a region, under one lock, and what it needs from the rest of the sandbox."""

import ipaddress
import random
import secrets
import socket
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sandbox.account import arn
from sandbox.clock import Clock
from sandbox.ec2 import Machine
from sandbox.ecs.cluster import Cluster, ContainerInstance
from sandbox.ecs.errors import ClientError, ClusterNotFound, ServiceNotFound
from sandbox.ecs.gateways.model import Gateway
from sandbox.ecs.model import Json, Service, Task, TaskDefinition, utcnow
from sandbox.ecs.service_deployments.model import ServiceDeployment, ServiceRevision
from sandbox.functions.invoking import Invoke, nobody
from sandbox.images.registry import Images
from sandbox.seams import LoadBalancers, Managed, PutEvent, Rules, put_nowhere

EVENTS_KEPT = 100


class Logs(Protocol):
    def create_group(self, region: str, group: str) -> None: ...

    def create_stream(self, region: str, group: str, stream: str) -> bool: ...

    def write(self, region: str, group: str, stream: str, line: str) -> None: ...


class Addresses:
    """Loopback addresses for tasks: a range 127.x.0.0/16 that no other sandbox on this machine uses.

    The range is held by a listening socket on its first address, which the system takes back when the process
    dies.
    """

    HOLD_PORT = 61999

    def __init__(self) -> None:
        for second in random.sample(range(2, 255), 253):
            holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                holder.bind((f"127.{second}.0.1", self.HOLD_PORT))
                holder.listen(1)
            except OSError:
                holder.close()
                continue
            self._holder = holder
            self._first = int(ipaddress.IPv4Address(f"127.{second}.1.0"))
            self._last = int(ipaddress.IPv4Address(f"127.{second}.250.255"))
            self._next = self._first
            self._instances = int(ipaddress.IPv4Address(f"127.{second}.251.0"))
            return
        raise OSError("No loopback range is left for another sandbox.")

    def task(self) -> str:
        """A fresh address, never one that was in use a moment ago."""
        while True:
            address = ipaddress.IPv4Address(self._next)
            self._next = self._first if self._next == self._last else self._next + 1
            if address.packed[3] not in (0, 255):
                return str(address)

    def instance(self) -> str:
        self._instances += 1
        return str(ipaddress.IPv4Address(self._instances))

    def close(self) -> None:
        self._holder.close()


@dataclass
class Surroundings:
    """What ECS needs from its neighbours in one region."""

    region: str
    addresses: Addresses
    clock: Clock
    load_balancers: LoadBalancers
    images: Images
    logs: Logs
    role_exists: Callable[[str], bool]
    secret: Callable[[str], str | None]
    targets_are_instances: Callable[[str], bool]
    rules: Rules
    lattice: Rules  # of VPC Lattice
    alarm_states: Callable[[], dict[str, str]]
    role_may: Callable[[str, str, str], bool]  # role, action, resource; only a role that ECS may assume
    remember: Callable[[ServiceDeployment], None]
    namespace: Callable[[str], str | None]  # its ARN, by name or ARN
    make_namespace: Callable[[str], str]
    managed: Managed
    machines: Callable[[], list[Machine]] = list
    put_event: PutEvent = put_nowhere
    invoke: Invoke = nobody  # a function, as a role that ECS may assume


class Store:
    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.region = around.region
        self.clock = around.clock
        self.load_balancers = around.load_balancers
        self.lock = threading.RLock()
        self.changed = threading.Event()
        self.addresses = around.addresses
        self.clusters: dict[str, Cluster] = {}
        self.task_definitions: dict[str, list[TaskDefinition]] = {}
        self.services: dict[tuple[str, str], Service] = {}
        self.service_deployments: dict[str, ServiceDeployment] = {}
        self.service_revisions: dict[str, ServiceRevision] = {}
        self.tasks: dict[str, Task] = {}
        self.instances: dict[str, ContainerInstance] = {}
        self.tags: dict[str, list[Json]] = {}
        self.account_settings: dict[tuple[str, str], str] = {}  # value by principal and name
        self.gateways: dict[str, Gateway] = {}
        self.run_task_tokens: dict[str, tuple[str, list[str]]] = {}

    def wake(self) -> None:
        self.changed.set()

    def arn(self, resource: str) -> str:
        return arn("ecs", resource, self.region)

    def cluster(self, name_or_arn: str | None) -> Cluster:
        name = (name_or_arn or "default").rpartition("/")[2]
        cluster = self.clusters.get(name)
        if cluster is None or cluster.status != "ACTIVE":
            raise ClusterNotFound
        return cluster

    def service(self, cluster: Cluster, name_or_arn: str | None) -> Service:
        service = self.find_service(cluster, name_or_arn or "")
        if service is None:
            raise ServiceNotFound
        return service

    def find_service(self, cluster: Cluster, name_or_arn: str) -> Service | None:
        return self.services.get((cluster.name, name_or_arn.rpartition("/")[2]))

    def task_definition(self, reference: str) -> TaskDefinition:
        """``family`` (latest ACTIVE), ``family:revision`` or an ARN."""
        found = self.find_task_definition(reference)
        if found is None:
            raise ClientError("Unable to describe task definition.")
        return found

    def find_task_definition(self, reference: str) -> TaskDefinition | None:
        family, _, revision = reference.rpartition("/")[2].partition(":")
        revisions = self.task_definitions.get(family, [])
        if not revision:
            return next((td for td in reversed(revisions) if td.status == "ACTIVE"), None)
        if not revision.isdecimal():
            raise ClientError(f"Invalid revision number. Number: {revision}")
        return next((td for td in revisions if td.revision == int(revision)), None)

    def usable_task_definition(self, reference: str) -> TaskDefinition:
        found = self.find_task_definition(reference)
        if found is None:
            raise ClientError("TaskDefinition not found.")
        if found.status != "ACTIVE":
            raise ClientError("TaskDefinition is inactive")
        return found

    def tasks_of(self, service: Service) -> list[Task]:
        return [task for task in self.tasks.values() if task.service is service]

    def service_deployments_of(self, service: Service) -> list[ServiceDeployment]:
        """The oldest first."""
        return [each for each in self.service_deployments.values() if each.service is service]

    def current_service_deployment(self, service: Service) -> ServiceDeployment | None:
        return next(reversed(self.service_deployments_of(service)), None)

    def event(self, service: Service, message: str) -> None:
        entry = {
            "id": str(uuid.uuid4()),
            "createdAt": utcnow(),
            "message": f"(service {service.name}) {message}",
        }
        service.events.insert(0, entry)
        del service.events[EVENTS_KEPT:]


def deployment_id() -> str:
    return f"ecs-svc/{nineteen_digits()}"


def nineteen_digits() -> int:
    """Never twice, whoever seeds ``random``."""
    return 10**18 + secrets.randbelow(9 * 10**18)
