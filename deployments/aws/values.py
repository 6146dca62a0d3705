"""What is read from AWS, as frozen values in our words. Times are aware datetimes in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deployments.aws.conditions import Condition, in_words


@dataclass(frozen=True, kw_only=True)
class Binding:
    """Where an environment lives, and the role that reaches it ("" = our own credentials)."""

    region: str
    role_arn: str = ""
    external_id: str = ""


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


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """How long a deployment took, in seconds since UpdateService, by ECS's own clock."""

    #: until the last of the old tasks began to drain; None = none did
    draining: float | None
    completed: float


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
    events: tuple[str, ...] = ()
    #: when ECS last began to drain connections, by its own clock; None = not among its events
    draining_since: datetime | None = None
    #: of the deployment that the service runs, when ECS has completed it and still tells when
    last_rollout: Rollout | None = None
    #: advancedConfiguration of the first load balancer: what ECS's own strategies shift; "" = none
    alternate_target_group: str = ""
    production_rule: str = ""
    test_rule: str = ""
    infrastructure_role: str = ""
    #: deploymentConfiguration as AWS shows it
    deployment_configuration: Mapping[str, Any] = field(default_factory=dict)

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
    def volumes_at_launch(self) -> tuple[str, ...]:
        """Names of the volumes that whoever starts a task has to configure."""
        return tuple(each["name"] for each in self.document.get("volumes", ()) if each.get("configuredAtLaunch"))


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A listener rule as it stands. `weights` maps target group ARN to weight, in the rule's order.

    `forwards` is False for a rule that ends in a redirect or fixed response; `actions` is the raw list, so
    that a write keeps authenticate actions and stickiness as they were.
    """

    arn: str
    listener_arn: str
    is_default: bool
    weights: Mapping[str, int]
    actions: tuple[Mapping[str, Any], ...]
    forwards: bool = True
    stickiness_seconds: int = 0
    conditions: tuple[Condition, ...] = ()

    @property
    def requests(self) -> str:
        """Which ones it catches, in words."""
        return in_words(self.conditions, is_default=self.is_default)

    @property
    def catches_marked_requests(self) -> bool:
        """Whether only those that their sender marks, by a header for instance: never all of production."""
        return any(condition.marks_requests for condition in self.conditions)

    @property
    def live(self) -> tuple[str, ...]:
        return tuple(arn for arn, weight in self.weights.items() if weight > 0)

    def share(self, target_group: str) -> float:
        """Percent of the rule's traffic that goes to this target group."""
        total = sum(self.weights.values())
        return 100 * self.weights.get(target_group, 0) / total if total else 0.0


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    arn: str
    name: str
    load_balancer_arns: tuple[str, ...]
    vpc: str
    target_type: str
    protocol: str
    port: int
    health_path: str
    health_interval: int
    health_timeout: int
    healthy_threshold: int
    unhealthy_threshold: int
    matcher: str
    deregistration_delay: int
    stickiness: bool = False


@dataclass(frozen=True, kw_only=True)
class Target:
    id: str
    port: int
    state: str
    reason: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Metric:
    name: str
    dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Alarm:
    name: str
    state: str
    reason: str = ""
    changed_at: datetime | None = None
    #: what it measures, metric math taken apart; a composite alarm measures nothing itself
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """One target group's answers in a window. Latencies in milliseconds; None = no datapoint."""

    requests: int = 0
    errors_5xx: int = 0
    latency_ms: float | None = None

    @property
    def percent_5xx(self) -> float:
        return 100 * self.errors_5xx / self.requests if self.requests else 0.0


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

    @property
    def id(self) -> str:
        return self.arn.rsplit("/", 1)[-1]

    @property
    def stopped(self) -> bool:
        return self.last_status == "STOPPED"


@dataclass(frozen=True, kw_only=True)
class ScalableTarget:
    """Application Auto Scaling's view of one service's desired count."""

    resource_id: str
    minimum: int
    maximum: int
    #: all three kinds of scaling are
    suspended: bool
    #: the kinds that are, as SuspendedState names them
    suspensions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Image:
    """A tag resolved: `platforms` are "os/architecture" with docker's names, such as linux/amd64."""

    repository: str
    tag: str
    digest: str
    platforms: tuple[str, ...]

    @property
    def pinned(self) -> str:
        return f"{self.repository}@{self.digest}"


@dataclass(frozen=True, kw_only=True)
class Identity:
    account: str
    arn: str
    #: AWS's clock minus ours, in seconds
    clock_offset: float
    #: None = just now
    asked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SecurityGroupRule:
    protocol: str
    from_port: int
    to_port: int
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What the cluster's container instances could still place, one row an instance."""

    remaining: tuple[tuple[int, int], ...]  # (cpu units, memory MiB)
    #: each instance's security groups; None when EC2 was not read (it takes ec2:DescribeInstances)
    security_groups: tuple[tuple[str, ...], ...] | None = None


@dataclass(frozen=True, kw_only=True)
class PauseHook:
    """One PAUSE hook of a service deployment; every canary or linear step gets a fresh id."""

    id: str
    #: AWAITING_ACTION, SUCCEEDED, FAILED, TIMED_OUT
    status: str
    expires_at: datetime | None = None
    #: ROLLBACK or CONTINUE: what ECS does at expires_at
    timeout_action: str = "ROLLBACK"


@dataclass(frozen=True, kw_only=True)
class NativeDeployment:
    """One of ECS's own service deployments. Weights are percent on the target revision."""

    arn: str
    status: str
    reason: str
    stage: str
    target_revision: str
    source_revisions: tuple[str, ...] = ()
    production_percent: float = 0.0
    test_percent: float = 0.0
    requested: int = 0
    running: int = 0
    pending: int = 0
    hooks: tuple[PauseHook, ...] = ()
    rollback_reason: str = ""
    triggered_alarms: tuple[str, ...] = ()
    created_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def awaiting(self) -> PauseHook | None:
        return next((hook for hook in self.hooks if hook.status == "AWAITING_ACTION"), None)


@dataclass(frozen=True, kw_only=True)
class ServiceRevision:
    """What one revision of a service runs and which target group it serves from ("" = none)."""

    arn: str
    task_definition: str
    target_group: str = ""


@dataclass(frozen=True, kw_only=True)
class Route:
    """One rule of one listener of a load balancer."""

    listener: str
    port: int
    protocol: str
    rule: Rule

    @property
    def requests(self) -> str:
        """Which ones it catches, in words."""
        return f"{self.rule.requests} on port {self.port}"
