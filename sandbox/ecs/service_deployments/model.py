"""The nouns of service deployments, under AWS's names."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.ecs.model import Deployment, Json, Service, utcnow
from sandbox.ecs.service_deployments.stages import Step
from sandbox.functions.model import Run

PENDING, IN_PROGRESS, SUCCESSFUL = "PENDING", "IN_PROGRESS", "SUCCESSFUL"
STOP_REQUESTED, STOPPED = "STOP_REQUESTED", "STOPPED"
ROLLBACK_REQUESTED, ROLLBACK_IN_PROGRESS = "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"
ROLLBACK_SUCCESSFUL, ROLLBACK_FAILED = "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"
TERMINAL = (SUCCESSFUL, STOPPED, ROLLBACK_SUCCESSFUL, ROLLBACK_FAILED)
ROLLING_BACK = (ROLLBACK_REQUESTED, ROLLBACK_IN_PROGRESS)


@dataclass(eq=False)
class ServiceRevision:
    """``body`` is the service as it was declared; ``deployment`` has the target groups that were chosen from it."""

    arn: str
    service: Service
    deployment: Deployment
    body: Json
    created_at: datetime = field(default_factory=utcnow)
    image_digests: dict[str, str] = field(default_factory=dict)  # by container, once a task has pulled them

    @property
    def ways(self) -> list[Json]:
        """In, by load balancers and by VPC Lattice."""
        return [*self.deployment.load_balancers, *self.deployment.lattice]

    @property
    def target_groups(self) -> list[str]:
        return [str(each["targetGroupArn"]) for each in self.ways if each.get("targetGroupArn")]

    @property
    def is_shifted(self) -> bool:
        """Whether ECS itself moves traffic to it."""
        return any(each.get("advancedConfiguration") for each in self.ways)


@dataclass(eq=False)
class Hook:
    """One pause, or one function: a stage of LINEAR and CANARY that comes again opens another."""

    id: str
    stage: str
    expires_at: datetime
    timeout_action: str
    deadline: float  # monotonic
    status: str = "AWAITING_ACTION"
    target_type: str = "PAUSE"
    # Of a function only.
    target: str = ""
    role: str = ""
    details: Any = None  # what the owner wrote, and what the function gave back to have again
    invoke_at: float = 0.0  # monotonic


@dataclass
class Watched:
    """The circuit breaker or the alarms of one deployment, as reported."""

    status: str = "DISABLED"
    triggered: list[str] = field(default_factory=list)


@dataclass(eq=False)
class ServiceDeployment:
    arn: str
    service: Service
    target: ServiceRevision
    sources: list[ServiceRevision]  # the serving one first
    serving: ServiceRevision | None  # who would have all production traffic if it ended now
    configuration: Json
    asked_to_stop: bool = False
    status: str = PENDING
    status_reason: str = ""
    created_at: datetime = field(default_factory=utcnow)
    updated_at: datetime = field(default_factory=utcnow)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    stopped_at: datetime | None = None
    stage: str = ""
    hooks: list[Hook] = field(default_factory=list)
    runs: dict[str, Run] = field(default_factory=dict)  # of functions, by hook
    rollback: Json = field(default_factory=dict)
    breaker: Watched = field(default_factory=Watched)
    alarms: Watched = field(default_factory=Watched)
    # Percent that the target gets; None before anything was shifted.
    test_percent: float | None = None
    production_percent: float | None = None
    # What drives a strategy.
    steps: list[Step] = field(default_factory=list)
    position: int = 0
    entered_at: float | None = None  # monotonic time of entering the current step
    kept: list[ServiceRevision] = field(default_factory=list)  # those that have all their tasks
    leaving: list[ServiceRevision] = field(default_factory=list)  # those whose tasks stay while requests may reach them

    @property
    def strategy(self) -> str:
        return str(self.configuration.get("strategy", "ROLLING"))

    @property
    def is_rolling(self) -> bool:
        return self.strategy == "ROLLING"

    @property
    def is_terminal(self) -> bool:
        return self.status in TERMINAL

    @property
    def is_stranded(self) -> bool:
        """Its way back ended before the traffic was back."""
        return self.status == ROLLBACK_FAILED and bool(self.leaving)
