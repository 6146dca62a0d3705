"""ECS: services, what they deploy, tasks, and room for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from deployments.aws.values.lattice import Lattice
from deployments.aws.values.managed import Managed


@dataclass(frozen=True, kw_only=True)
class ServiceDeployment:
    """One entry of services[].deployments: PRIMARY is wanted, ACTIVE is being replaced."""

    id: str
    status: str
    task_definition: str
    desired: int
    running: int
    pending: int
    failed_tasks: int
    rollout_state: str
    rollout_reason: str
    #: when somebody asked for it; None when AWS does not say
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """How long a deployment took, in seconds since UpdateService, by ECS's own clock."""

    #: until the last of the old tasks began to drain; None = none did
    draining: float | None
    completed: float


@dataclass(frozen=True, kw_only=True)
class TaskSet:
    """Of a service that CodeDeploy deploys to: PRIMARY, or ACTIVE beside it."""

    id: str
    status: str
    task_definition: str
    #: ARN; "" = behind none
    target_group: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Service:
    name: str
    arn: str
    status: str
    controller: str
    #: deploymentConfiguration.strategy; "" when AWS does not say, which is ROLLING
    strategy: str = ""
    #: REPLICA or DAEMON
    scheduling: str = "REPLICA"
    task_definition: str
    desired: int
    running: int
    pending: int
    deployments: tuple[ServiceDeployment, ...] = ()
    task_sets: tuple[TaskSet, ...] = ()
    target_groups: tuple[str, ...] = ()
    container_name: str = ""
    container_port: int = 0
    launch_type: str = ""
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    assign_public_ip: str = ""
    capacity_provider_strategy: tuple[Mapping[str, Any], ...] = ()
    platform_version: str = ""
    #: SERVICE or TASK_DEFINITION: whose tags its tasks carry; "" or NONE = nobody's
    propagate_tags: str = ""
    #: whether ECS tags its tasks with cluster and service
    managed_tags: bool = False
    #: of the deployment that it runs, by the volume's name, as CreateService takes them
    volume_configurations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: ARNs of Cloud Map's services that its tasks are registered in
    registries: tuple[str, ...] = ()
    #: whether its tasks are reached by ECS Service Connect
    service_connect: bool = False
    grace_period_seconds: int = 0
    minimum_healthy_percent: int = 100
    maximum_percent: int = 200
    #: whether ECS evens its tasks out over Availability Zones
    zone_rebalancing: bool = False
    events: tuple[str, ...] = ()
    #: how many tasks ECS started and when, by its own clock, newest first, as far as its events go
    starts: tuple[tuple[datetime, int], ...] = ()
    #: when ECS last started tasks, by its own clock; None = not among its events
    started_tasks_at: datetime | None = None
    #: when ECS last began to drain connections, by its own clock; None = not among its events
    draining_since: datetime | None = None
    #: when ECS last could not stop tasks because they are protected from scale-in; None = not among its events
    protected_since: datetime | None = None
    #: of the deployment that the service runs, when ECS has completed it and still tells when
    last_rollout: Rollout | None = None
    #: advancedConfiguration of the first load balancer: what ECS's own strategies shift; "" = none
    alternate_target_group: str = ""
    production_rule: str = ""
    test_rule: str = ""
    infrastructure_role: str = ""
    #: its ways in by VPC Lattice
    lattice: tuple[Lattice, ...] = ()
    #: resourceManagementType: ECS for a service of Express Mode, else CUSTOMER; "" = AWS does not say
    managed_by: str = ""
    #: ARNs of what ECS deploys or deployed last, and of the revisions that have tasks
    service_deployment: str = ""
    revisions: tuple[str, ...] = ()
    #: deploymentConfiguration as AWS shows it
    deployment_configuration: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_express(self) -> bool:
        """Whether ECS manages it: UpdateExpressGatewayService changes it, and nothing else."""
        return self.managed_by == "ECS"

    def behind(self, managed: Managed) -> "Service":
        """As served by what ECS made for it, where it has no load balancer of its own."""
        groups = managed.target_groups
        whole = len(groups) == 2 and bool(managed.production_rule)
        return replace(
            self,
            target_groups=groups[:1],
            alternate_target_group=groups[1] if whole else "",
            production_rule=managed.production_rule if whole else "",
            test_rule=managed.test_rule if whole else "",
        )

    @property
    def early_success_percent(self) -> int | None:
        """The share of healthy tasks at which ECS calls a rolling deployment successful; None: when all is done."""
        criteria = self.deployment_configuration.get("earlySuccessCriteria", {})
        return int(criteria["healthyPercent"]) if criteria.get("enable") else None

    @property
    def primary(self) -> ServiceDeployment | None:
        return next((d for d in self.deployments if d.status == "PRIMARY"), None)

    @property
    def steady(self) -> bool:
        """One deployment only, everything wanted is running, nothing on its way."""
        return len(self.deployments) <= 1 and self.running == self.desired and self.pending == 0


@dataclass(frozen=True, kw_only=True)
class TaskDefinition:
    """`document` is DescribeTaskDefinition's raw taskDefinition; `tags` are beside it, as AWS has them."""

    arn: str
    family: str
    revision: int
    status: str
    document: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)

    def container(self, name: str) -> Mapping[str, Any] | None:
        return next((c for c in self.document["containerDefinitions"] if c["name"] == name), None)

    @property
    def images(self) -> Mapping[str, str]:
        """By container, as it names them."""
        return {each["name"]: each["image"] for each in self.document["containerDefinitions"]}

    @property
    def images_by_tag(self) -> Mapping[str, str]:
        """By container: those that may be another image tomorrow, because the tag can be moved."""
        return images_by_tag(self.document)

    @property
    def volumes_at_launch(self) -> tuple[str, ...]:
        """Names of the volumes that whoever starts a task has to configure."""
        return tuple(each["name"] for each in self.document.get("volumes", ()) if each.get("configuredAtLaunch"))


def images_by_tag(document: Mapping[str, Any]) -> Mapping[str, str]:
    """Of a task definition that may not be registered yet."""
    images = ((each["name"], each["image"]) for each in document["containerDefinitions"])
    return {container: image for container, image in images if "@" not in image}


@dataclass(frozen=True, kw_only=True)
class Task:
    arn: str
    task_definition: str
    last_status: str
    desired_status: str
    stop_code: str = ""
    stopped_reason: str = ""
    health: str = ""
    #: container name to exit code, None while it runs or when it never started
    exit_codes: Mapping[str, int | None] = field(default_factory=dict)
    #: container name to AWS's reason, such as CannotPullContainerError
    reasons: Mapping[str, str] = field(default_factory=dict)
    started_by: str = ""
    #: when it began to stop, or had stopped where AWS says no more
    ended_at: datetime | None = None
    #: container name to the image as its task definition names it, and to the digest ("sha256:…") that was pulled
    #: for it; one that has not been pulled, or whose registry tells no digest, is absent from the second
    images: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.arn.rsplit("/", 1)[-1]

    @property
    def stopped(self) -> bool:
        return self.last_status == "STOPPED"


@dataclass(frozen=True, kw_only=True)
class ProtectedTask:
    """A running task that neither scale-in nor a deployment stops."""

    id: str
    task_definition: str
    #: None when AWS does not say
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What the cluster's container instances could still place, one row an instance."""

    remaining: tuple[tuple[int, int], ...]  # (cpu units, memory MiB)
    #: each instance's security groups; None when EC2 was not read (it takes ec2:DescribeInstances)
    security_groups: tuple[tuple[str, ...], ...] | None = None
