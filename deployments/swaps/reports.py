"""What is kept of a swap for people to read, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from deployments.aws.codedeploy_values import LifecycleEvent
from deployments.vocabulary import Slot


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """Of a smoke check or a webhook. `status` is None when there was no answer; `sentence` says what happened."""

    path: str = ""
    ok: bool
    status: int | None = None
    milliseconds: int = 0
    sentence: str = ""


@dataclass(frozen=True, kw_only=True)
class OneOffTaskRun:
    """One that has ended. `task` is its ARN; `exit_code` None when its container has none."""

    name: str
    task: str = ""
    exit_code: int | None = None
    #: why an exit code 0 of it is no success, in words that follow its name; "" = it came to its own end
    cut_short: str = ""
    log: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FoundStarter:
    """A rule's target or a schedule as it was before anything was written, by the names of `values.Starter`."""

    kind: str
    name: str
    target: str = ""
    task_definition: str
    #: ARN of the revision that it started then
    revision: str


@dataclass(frozen=True, kw_only=True)
class Reconciled:
    """What RECONCILE_SERVICE found, in a sentence too."""

    source: Slot
    reason: str


@dataclass(frozen=True, kw_only=True)
class TargetLifecycle:
    """What CodeDeploy did on one target, such as an instance."""

    target: str
    status: str
    label: str = ""
    events: tuple[LifecycleEvent, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TargetState:
    """Of a target group's target, in AWS's words; `target` is address:port."""

    target: str
    state: str = ""
    reason: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class HeldTask:
    """One that is protected from scale-in, and what the protection keeps running; `until` None: AWS does not say."""

    id: str
    task_definition: str = ""
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class StoppedTask:
    """Exit codes and reasons by container."""

    id: str
    reason: str = ""
    stop_code: str = ""
    exit_codes: Mapping[str, int | None] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why it could not go on, and what was seen of the target before its traces were cleaned away."""

    sentence: str = ""
    #: since when that is so, by AWS's own clock; None: it does not tell
    began: datetime | None = None
    #: None: not looked at yet
    health: tuple[TargetState, ...] | None = None
    stopped_tasks: tuple[StoppedTask, ...] = ()
    log: tuple[str, ...] = ()
    #: of the service, as ECS words them
    events: tuple[str, ...] = ()
    #: why nothing could be seen
    not_captured: str = ""
