"""ECS's own service deployments: how far they are, at which hooks they wait, and between which revisions they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deployments.aws.values.managed import Managed


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
class FunctionHook:
    """One Lambda hook of a service deployment, by the ARN of its function."""

    id: str
    function: str
    #: IN_PROGRESS, SUCCEEDED, FAILED, TIMED_OUT
    status: str

    @property
    def name(self) -> str:
        """Of arn:…:function:NAME, with its alias or version."""
        return self.function.rpartition(":function:")[2] or self.id


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
    functions: tuple[FunctionHook, ...] = ()
    #: its deploymentConfiguration, as it was when it was started
    configuration: Mapping[str, Any] = field(default_factory=dict)
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
    #: names of its ports that an ECS Gateway routes to
    gateway_ports: tuple[str, ...] = ()
    #: None where its owner made all
    managed: Managed | None = None
