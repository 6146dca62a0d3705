"""The nouns of CodeDeploy, under AWS's names."""

import random
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.moto_api._internal import mock_random

Json = dict[str, Any]

OVER = ("Succeeded", "Failed", "Stopped")


def utcnow() -> datetime:
    return datetime.now(UTC)


@dataclass
class Application:
    name: str
    platform: str  # ECS or Server
    github_connection: str = ""
    id: str = field(default_factory=lambda: str(mock_random.uuid4()))
    created_at: datetime = field(default_factory=utcnow)
    revisions: dict[str, "Revision"] = field(default_factory=dict)
    groups: dict[str, "Group"] = field(default_factory=dict)


@dataclass
class Revision:
    """``location`` is the revisionLocation as it was given, an AppSpec's content included."""

    location: Json
    description: str = ""
    registered_at: datetime = field(default_factory=utcnow)
    first_used_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass
class Config:
    name: str
    platform: str
    traffic_routing: Json = field(default_factory=dict)
    minimum_healthy_hosts: Json = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(mock_random.uuid4()))
    created_at: datetime = field(default_factory=utcnow)

    @property
    def is_predefined(self) -> bool:
        return self.name.startswith("CodeDeployDefault.")


@dataclass
class Group:
    """``body`` holds the request's fields as they came: loadBalancerInfo, ecsServices, ..."""

    application: Application
    name: str
    config: str
    body: Json
    id: str = field(default_factory=lambda: str(mock_random.uuid4()))
    last_successful: "Deployment | None" = None
    last_attempted: "Deployment | None" = None

    @property
    def platform(self) -> str:
        return self.application.platform

    @property
    def is_blue_green(self) -> bool:
        return bool(self.body.get("deploymentStyle", {}).get("deploymentType") == "BLUE_GREEN")

    @property
    def controls_traffic(self) -> bool:
        return bool(self.body.get("deploymentStyle", {}).get("deploymentOption") == "WITH_TRAFFIC_CONTROL")


@dataclass
class LifecycleEvent:
    name: str
    status: str = "Pending"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    diagnostics: Json | None = None


@dataclass
class HookExecution:
    """A function that validates, and what it has reported; it is told the id, and reports by it."""

    id: str
    status: str = ""  # Succeeded or Failed


@dataclass(eq=False)
class Target:
    """What is deployed to: the ECS service, or one instance. ``details`` are asked for when it is described."""

    id: str
    arn: str
    events: list[LifecycleEvent] = field(default_factory=list)
    status: str = "Pending"
    label: str = ""  # Blue or Green, of an instance
    updated_at: datetime = field(default_factory=utcnow)
    details: Callable[[], Json] = dict

    def event(self, name: str) -> LifecycleEvent | None:
        return next((event for event in self.events if event.name == name), None)


@dataclass(eq=False)
class Deployment:
    id: str
    application: Application
    group: Group
    config: Config
    revision: Json  # a revisionLocation
    request: Json = field(default_factory=dict)
    creator: str = "user"
    previous_revision: Json | None = None
    status: str = "Created"
    created_at: datetime = field(default_factory=utcnow)
    started_at: datetime | None = None
    completed_at: datetime | None = None
    error: Json | None = None
    rollback: Json = field(default_factory=dict)
    status_info: str = ""
    targets: dict[str, Target] = field(default_factory=dict)
    termination_wait_started: bool = False
    # What people asked for; the story looks here.
    may_reroute: bool = False
    may_terminate: bool = False
    stop_requested: bool = False
    past_return: bool = False  # what was there before is being removed: nothing stops it any more
    stop_rolls_back: bool | None = None
    undoes: "Deployment | None" = None
    is_restored: bool = False  # from before a restart, which emptied every instance
    hook: "HookExecution | None" = None  # that runs now, or ran last
    only_instances: list[str] = field(default_factory=list)  # of a deployment that Auto Scaling asked for
    # What the story leaves behind: how to undo it at once, and what a restart needs to know.
    restore: Callable[[], None] = lambda: None
    keepsake: Any = None

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def description(self) -> str:
        return str(self.request.get("description", ""))

    @property
    def auto_rollback(self) -> Json:
        own = self.request.get("autoRollbackConfiguration")
        return dict(own or self.group.body.get("autoRollbackConfiguration", {}))

    @property
    def alarms(self) -> Json:
        own = self.request.get("overrideAlarmConfiguration")
        return dict(own or self.group.body.get("alarmConfiguration", {}))

    @property
    def ec2_options(self) -> Json:
        own = self.request.get("ec2DeploymentOptions")
        return dict(own if own is not None else self.group.body.get("ec2DeploymentOptions", {}))

    @property
    def restarts(self) -> bool:
        return bool(self.request.get("deploymentMode") == "RESTART")

    def rolls_back_on(self, event: str) -> bool:
        return bool(self.auto_rollback.get("enabled")) and event in self.auto_rollback.get("events", [])

    def finish(self, status: str) -> None:
        self.status = status
        self.completed_at = utcnow()


def deployment_id() -> str:
    return "d-" + "".join(random.choices(string.ascii_uppercase + string.digits, k=9))
