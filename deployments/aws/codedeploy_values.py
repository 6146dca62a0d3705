"""What is read from CodeDeploy, as frozen values under its own words. Times are aware datetimes in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: "Baking" is not described by AWS; everything but these three goes on.
OVER = ("Succeeded", "Failed", "Stopped")
#: These run the scripts of the revision that is on the server already, not of the one that is deployed.
FROM_BEFORE = ("BeforeBlockTraffic", "AfterBlockTraffic", "ApplicationStop")


@dataclass(frozen=True, kw_only=True)
class TagFilter:
    """`kind` is KEY_AND_VALUE, KEY_ONLY or VALUE_ONLY."""

    key: str = ""
    value: str = ""
    kind: str = "KEY_AND_VALUE"

    def fits(self, tags: Mapping[str, str]) -> bool:
        if self.kind == "KEY_ONLY":
            return self.key in tags
        if self.kind == "VALUE_ONLY":
            return self.value in tags.values()
        return tags.get(self.key) == self.value and self.key in tags


@dataclass(frozen=True, kw_only=True)
class MinimumHealthy:
    """Of a deployment configuration: HOST_COUNT, FLEET_PERCENT, or MOST_CONCURRENCY of one at a time."""

    kind: str
    value: int

    def of(self, count: int) -> int:
        """How many of so many servers have to stay healthy; a share is rounded up."""
        if self.kind == "FLEET_PERCENT":
            return -(-count * self.value // 100)
        return count - 1 if self.kind == "MOST_CONCURRENCY" else self.value


#: AWS's own configurations for servers.
PREDEFINED = {
    "CodeDeployDefault.OneAtATime": MinimumHealthy(kind="MOST_CONCURRENCY", value=1),
    "CodeDeployDefault.HalfAtATime": MinimumHealthy(kind="FLEET_PERCENT", value=50),
    "CodeDeployDefault.AllAtOnce": MinimumHealthy(kind="HOST_COUNT", value=0),
}


@dataclass(frozen=True, kw_only=True)
class GitHubLink:
    """What an application downloads commits by; `account` is "" where it was never connected."""

    account: str
    #: all connections of the account in this region; not asked for where the application has its own
    connections: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LastDeployment:
    """A deployment as its group names it."""

    id: str
    status: str
    created_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.status in OVER


@dataclass(frozen=True, kw_only=True)
class DeploymentGroup:
    """One group; what only ECS or only servers have is empty for the other."""

    application: str
    name: str
    #: ECS, Server or Lambda
    platform: str
    config: str
    #: IN_PLACE or BLUE_GREEN
    style: str = ""
    traffic_control: bool = False
    #: CONTINUE_DEPLOYMENT, or STOP_DEPLOYMENT after `ready_minutes` in Ready
    ready_action: str = ""
    ready_minutes: int = 0
    #: TERMINATE after `termination_minutes`, or KEEP_ALIVE
    termination_action: str = ""
    termination_minutes: int = 0
    #: (cluster, service), names or ARNs as they were given
    services: tuple[tuple[str, str], ...] = ()
    #: names, not ARNs
    target_groups: tuple[str, ...] = ()
    #: names of Classic Load Balancers
    classic_load_balancers: tuple[str, ...] = ()
    #: listener ARNs; "" = none
    production_listener: str = ""
    test_listener: str = ""
    role: str = ""
    #: names of Auto Scaling groups, and how many tag filters choose instances
    auto_scaling_groups: tuple[str, ...] = ()
    tag_filters: int = 0
    #: of EC2 instances: one filter of each list has to fit
    tags: tuple[tuple[TagFilter, ...], ...] = ()
    #: how many tag filters choose machines that are not EC2's
    on_premises: int = 0
    #: processes of the Auto Scaling groups that CodeDeploy suspends while it deploys in place
    suspended_processes: tuple[str, ...] = ()
    #: where replacements come from: COPY_AUTO_SCALING_GROUP or DISCOVER_EXISTING; "" in place
    fleet: str = ""
    #: names of the alarms that stop a deployment, when they are switched on
    alarms: tuple[str, ...] = ()
    #: what its servers have, and new ones get: a bundle as `bundles` has it; None before the first good deployment
    bundle: Mapping[str, str] | None = None
    last_successful: LastDeployment | None = None
    #: the newest one, however it ended or whether it runs
    last_attempted: LastDeployment | None = None


@dataclass(frozen=True, kw_only=True)
class CodeDeployment:
    id: str
    status: str
    #: what it deploys, as `bundles` has it; None of an AppSpec
    bundle: Mapping[str, str] | None = None
    description: str = ""
    config: str = ""
    creator: str = ""
    error_code: str = ""
    error_message: str = ""
    rollback_id: str = ""
    rollback_message: str = ""
    termination_wait_started: bool = False
    created_at: datetime | None = None
    completed_at: datetime | None = None
    #: deploymentOverview: Pending, InProgress, Succeeded, Failed, Skipped, Ready
    overview: Mapping[str, int]
    #: DISALLOW, OVERWRITE or RETAIN, of files on servers that no deployment brought
    file_exists: str = ""
    ignores_stop_failures: bool = False
    #: STANDARD, or RESTART of what is there
    mode: str = ""
    #: where its revision is, in CodeDeploy's words; of an AppSpec that was given as text only the sha256
    revision: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        return self.status in OVER


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """An object in S3, with its ETag as CodeDeploy takes it: without quotation marks."""

    etag: str
    #: bytes
    size: int = 0


@dataclass(frozen=True, kw_only=True)
class LifecycleEvent:
    name: str
    #: Pending, InProgress, Succeeded, Failed, Skipped, Unknown
    status: str
    started: datetime | None = None
    ended: datetime | None = None
    error_code: str = ""
    script: str = ""
    message: str = ""
    log: str = ""

    @property
    def is_over(self) -> bool:
        return self.status in ("Succeeded", "Failed", "Skipped")


@dataclass(frozen=True, kw_only=True)
class CodeDeployTaskSet:
    """One task set of a deployment to ECS; Blue is the original, Green the replacement, whatever our slots say."""

    label: str
    status: str
    desired: int
    running: int
    pending: int
    percent: float
    target_group: str


@dataclass(frozen=True, kw_only=True)
class CodeDeployTarget:
    """The ECS service, or one instance."""

    id: str
    status: str
    #: Blue or Green, of an instance in a blue/green deployment
    label: str = ""
    events: tuple[LifecycleEvent, ...] = ()
    task_sets: tuple[CodeDeployTaskSet, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.status in ("Succeeded", "Failed", "Skipped")

    def event(self, name: str) -> LifecycleEvent | None:
        return next((event for event in self.events if event.name == name), None)

    def passed(self, name: str) -> bool:
        """Whether this event is over and did not fail."""
        event = self.event(name)
        return event is not None and event.status in ("Succeeded", "Skipped")

    @property
    def replacement(self) -> CodeDeployTaskSet | None:
        return next((each for each in self.task_sets if each.label == "Green"), None)
