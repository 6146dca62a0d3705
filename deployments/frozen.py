"""What a deployment is decided on, as frozen values: the environment's settings and the plan.

Both are stored as JSON on the deployment when it is requested, so that later edits of the environment
cannot change what was approved. No Django in here.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from deployments.aws.values import Binding
from deployments.members import known
from deployments.red import Red
from deployments.scheduled_spec import ScheduledSpec as ScheduledSpec
from deployments.smoke_spec import SmokeSpec as SmokeSpec
from deployments.vocabulary import DeploymentKind, Slot
from deployments.webhook_spec import WebhookSpec as WebhookSpec
from deployments.words import counted


@dataclass(frozen=True, kw_only=True)
class GateSpec:
    """A gate of the plan. `groups` are names; () means everyone with the right to approve."""

    stage: str
    percent: int | None = None
    approvals: int = 1
    groups: tuple[str, ...] = ()
    requester_may_approve: bool = False
    timeout_minutes: int = 1440
    timeout_action: str = "ROLLBACK"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**{**known(cls, data), "groups": tuple(data["groups"])})

    @property
    def sentence(self) -> str:
        approvals = counted(self.approvals, "approval")
        # A whole sentence: one that is put together of few letters is not read back in another language.
        said = f"{approvals} by anyone with the right to approve"
        if self.groups:
            said = f"{approvals} by {' or '.join(self.groups)}"
        return said + ("" if self.requester_may_approve else ", not by the requester")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One position of the plan. `percent` is production's share on the target after it, None = unchanged."""

    stage: str
    percent: int | None = None
    bake_seconds: int = 0
    gate: GateSpec | None = None
    summary: str = ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        gate = data["gate"]
        return cls(**{**known(cls, data), "gate": GateSpec.from_json(gate) if gate else None})


@dataclass(frozen=True, kw_only=True)
class Plan:
    controller: str
    strategy: str
    steps: tuple[Step, ...]
    way_back: tuple[Step, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            controller=data["controller"],
            strategy=data["strategy"],
            steps=tuple(Step.from_json(step) for step in data["steps"]),
            way_back=tuple(Step.from_json(step) for step in data["way_back"]),
        )

    @property
    def hash(self) -> str:
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()

    @property
    def ladder(self) -> tuple[int, ...]:
        return tuple(step.percent for step in self.steps if step.percent is not None)


@dataclass(frozen=True, kw_only=True)
class TaskSpec:
    """A one-off task: `container` "" means the environment's own."""

    name: str
    command: tuple[str, ...]
    container: str = ""
    timeout_seconds: int = 1800


@dataclass(frozen=True, kw_only=True)
class EnvironmentSettings:
    """An environment as it was when a deployment was requested; all times in seconds."""

    label: str  # application/environment
    controller: str
    region: str
    strategy: str = ""  # for preflight: the one that is asked for; "" = not known
    kind: str = DeploymentKind.NORMAL  # as it was asked for
    #: what was red before it began, and does not count against it
    red: tuple[Red, ...] = ()
    #: so many tasks a service that is to run none gets by a first release
    first_desired: int = 1
    #: whether a desired count of 0 is on purpose: then a release starts no task
    may_run_nothing: bool = False
    #: of a service whose tasks ECS replaces; None: its own stay
    minimum_healthy_percent: int | None = None
    maximum_percent: int | None = None
    #: seconds, of the containers that a release replaces; None: as the task definition has it
    stop_timeout: int | None = None
    role_arn: str = ""
    external_id: str = ""
    account_id: str = ""
    cluster: str = ""
    container_name: str = ""
    container_port: int = 0
    service_name: str = ""
    blue_service: str = ""
    green_service: str = ""
    blue_target_group: str = ""
    green_target_group: str = ""
    production_rule: str = ""
    #: shifted together with it; only where Tealgate writes the weights
    more_production_rules: tuple[str, ...] = ()
    codedeploy_application: str = ""
    codedeploy_group: str = ""
    compute_platform: str = "ECS"
    #: CodeDeploy's fileExistsBehavior on servers; "" as in the group's last good deployment
    file_exists: str = ""
    #: whether CodeDeploy goes past failing scripts of what is on a server (ignoreApplicationStopFailures)
    ignore_stop_failures: bool = False
    test_rule: str = ""
    #: a DefinitionBase: what a release's task definition starts from
    definition_base: str = "LIVE"
    #: ARNs of roles that a task definition may name besides the live one's
    task_roles: tuple[str, ...] = ()
    #: digest of the difference of task definitions that was confirmed; "" = nobody saw one
    difference: str = ""
    test_url: str = ""
    canary_percent: int = 5
    canary_bake_seconds: int = 600
    linear_percent: int = 10
    linear_bake_seconds: int = 360
    ladder: str = ""
    bake_seconds: int = 300
    termination_wait_seconds: int = 3600
    scale_up_timeout_seconds: int = 1800
    alarms: tuple[str, ...] = ()
    max_5xx_percent: float = 1.0
    max_latency_ms: int | None = None
    min_requests: int = 20
    #: whether so many have to come: then it is waited for them, and at last somebody is asked
    requires_min_requests: bool = False
    min_requests_wait_seconds: int = 1800
    #: ROLLBACK or CONTINUE, where nobody can be asked or nobody answers
    too_few_action: str = "ROLLBACK"
    #: None: any number may stop
    max_stopped_tasks: int | None = 2
    gates: tuple[GateSpec, ...] = ()
    smoke_checks: tuple[SmokeSpec, ...] = ()
    one_off_tasks: tuple[TaskSpec, ...] = ()
    webhooks: tuple[WebhookSpec, ...] = ()
    #: ARN of CodePipeline's action that waits for what becomes of a deployment; "" = none does
    approval_action: str = ""
    answered_when: str = "END"  # an AnsweredWhen
    scheduled: tuple[ScheduledSpec, ...] = ()
    strict_approvals: bool = True
    #: who said that nobody has to approve, and why, in a sentence; "" = nobody did
    unattended: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            **{
                **known(cls, data),
                **{name: tuple(data.get(name, ())) for name in ("more_production_rules", "task_roles", "alarms")},
                "red": tuple(map(Red.from_json, data.get("red", ()))),
                "gates": tuple(GateSpec.from_json(gate) for gate in data["gates"]),
                "smoke_checks": tuple(SmokeSpec.from_json(check) for check in data["smoke_checks"]),
                "one_off_tasks": tuple(
                    TaskSpec(**{**known(TaskSpec, it), "command": tuple(it["command"])}) for it in data["one_off_tasks"]
                ),
                "webhooks": tuple(WebhookSpec.from_json(hook) for hook in data["webhooks"]),
                "scheduled": tuple(map(ScheduledSpec.from_json, data.get("scheduled", ()))),
            }
        )

    @property
    def binding(self) -> Binding:
        return Binding(region=self.region, role_arn=self.role_arn, external_id=self.external_id)

    def desired(self, wanted: int) -> int:
        """How many tasks the release is to have of a service that is to run so many now."""
        return wanted or (self.first_desired if self.kind == DeploymentKind.FIRST else 0)

    def service(self, slot: Slot) -> str:
        return self.blue_service if slot is Slot.BLUE else self.green_service

    def target_group(self, slot: Slot) -> str:
        return self.blue_target_group if slot is Slot.BLUE else self.green_target_group

    @property
    def production_rules(self) -> tuple[str, ...]:
        return (self.production_rule, *self.more_production_rules)

    def slot_of(self, target_group: str) -> Slot | None:
        return {self.blue_target_group: Slot.BLUE, self.green_target_group: Slot.GREEN}.get(target_group)


@dataclass(frozen=True, kw_only=True)
class Artefact:
    """A release as pure code sees it: container to pinned image, and to the platforms it was built for."""

    version: str
    images: Mapping[str, str] = field(default_factory=dict)
    platforms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    #: {"type": "S3", "bucket", "key", "bundleType", …} or {"type": "GitHub", "repository", "commitId"}
    bundle: Mapping[str, str] | None = None
    #: the input of RegisterTaskDefinition that it brings, tags included; None: it brings none
    task_definition: Mapping[str, Any] | None = field(default=None, repr=False)
