"""Every write that Tealgate can make on AWS, as frozen data. The engine performs them, and `delivery/pipelines` the
last one; nothing else writes.

Each is safe to perform twice: it sets a state, or carries the token or tag by which a second try finds
what the first one made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deployments.aws.action_base import Action as Action
from deployments.aws.action_base import Made as Made
from deployments.aws.eventbridge_actions import PutEvents as PutEvents
from deployments.aws.eventbridge_actions import PutTargets as PutTargets
from deployments.aws.eventbridge_actions import UpdateSchedule as UpdateSchedule


@dataclass(frozen=True, kw_only=True)
class RegisterTaskDefinition(Action):
    """`document` is the input of RegisterTaskDefinition without tags; `tags` hold the deployment's own."""

    document: Mapping[str, Any]
    tags: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """Without the document: people keep secrets in environment variables although they should not."""
        images = {container["name"]: container["image"] for container in self.document["containerDefinitions"]}
        return {
            "operation": self.operation,
            "family": self.document["family"],
            "images": images,
            "tags": dict(self.tags),
        }


@dataclass(frozen=True, kw_only=True)
class DeregisterTaskDefinition(Action):
    """Nothing new is started from the revision any more; what runs goes on. AWS takes it back by no call."""

    #: an ARN
    task_definition: str


@dataclass(frozen=True, kw_only=True)
class UpdateService(Action):
    """None leaves a member as it is. `deployment_configuration` is UpdateService's own member."""

    cluster: str
    service: str
    task_definition: str | None = None
    desired: int | None = None
    deployment_configuration: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class MoveService(Action):
    """UpdateService that changes who deploys to a service, and how: ECS then deploys what runs there once more.

    `controller` "" leaves it as it is. The others are UpdateService's own members. Only a move of an environment does
    this; from ECS, AWS takes no service back to CODE_DEPLOY.
    """

    cluster: str
    service: str
    controller: str = ""
    deployment_configuration: Mapping[str, Any]
    load_balancers: tuple[Mapping[str, Any], ...]

    @property
    def operation(self) -> str:
        return "UpdateService"


@dataclass(frozen=True, kw_only=True)
class UpdateExpressGatewayService(Action):
    """Both are ARNs. All else of the service stays, and what the task definition does not say as well."""

    service: str
    task_definition: str


@dataclass(frozen=True, kw_only=True)
class SetWeights(Action):
    """Weights of one rule; `rule` is a listener rule's ARN, the default rule's included.

    The gateway reads the rule, refuses (errors.Changed) if its weights are not `expected`, and writes.
    `expected` None takes whatever is there: only the way back to the source may do that. `exact`: the rule is also to
    name those of weight 0, and no others.
    """

    rule: str
    weights: Mapping[str, int]
    expected: Mapping[str, int] | None
    exact: bool = False

    def as_json(self) -> dict[str, Any]:
        """As it always was, unless it is exact: by that an action that was under way is known again."""
        usual = super().as_json()
        return {name: kept for name, kept in usual.items() if name != "exact" or self.exact}


@dataclass(frozen=True, kw_only=True)
class SuspendScaling(Action):
    """Suspend (or resume) scale-in, scale-out and scheduled scaling of one service's desired count.

    `kept`: what its owner has suspended, by SuspendedState's names; that is not resumed.
    """

    resource_id: str
    suspended: bool
    kept: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As it comes back from where it is kept: by that an action that was under way is known again."""
        return {**super().as_json(), "kept": [*self.kept]}


@dataclass(frozen=True, kw_only=True)
class RunTask(Action):
    """A one-off task with the network of `like_service`. `client_token` and `started_by` find it again."""

    cluster: str
    like_service: str
    task_definition: str
    container: str
    command: tuple[str, ...]
    client_token: str
    started_by: str


@dataclass(frozen=True, kw_only=True)
class StopTask(Action):
    cluster: str
    task: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ContinueServiceDeployment(Action):
    """Answer a PAUSE hook of one of ECS's own deployments: `answer` is CONTINUE or ROLLBACK."""

    service_deployment: str
    hook: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class StopServiceDeployment(Action):
    """Have ECS roll one of its own deployments back."""

    service_deployment: str


@dataclass(frozen=True, kw_only=True)
class CreateDeployment(Action):
    """Start a deployment of CodeDeploy; `config` "" takes the group's own.

    There is no client token: `description` carries the key by which a second try finds what the first one made.
    `revision` is CreateDeployment's own member; without `rollback_events` CodeDeploy rolls back only when told to.
    `alarms` stand for the group's own, () for none at all; None leaves these, and then no right to change the group is
    needed. On servers `file_exists` is its fileExistsBehavior, "" AWS's default, and `ignore_stop_failures` goes past
    failing scripts of what is there.
    """

    application: str
    group: str
    revision: Mapping[str, Any]
    config: str
    description: str
    rollback_events: tuple[str, ...]
    file_exists: str = ""
    ignore_stop_failures: bool = False
    alarms: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class ContinueDeployment(Action):
    """Let a deployment of CodeDeploy go on: `wait` is READY_WAIT or TERMINATION_WAIT."""

    deployment: str
    wait: str


@dataclass(frozen=True, kw_only=True)
class StopDeployment(Action):
    """Have CodeDeploy stop a deployment, and roll it back unless that could only do harm."""

    deployment: str
    roll_back: bool = True

    def as_json(self) -> dict[str, Any]:
        """As it always was, unless it is not to roll back: by that an action that was under way is known again."""
        usual = super().as_json()
        return {name: kept for name, kept in usual.items() if name != "roll_back" or not self.roll_back}


@dataclass(frozen=True, kw_only=True)
class PutApprovalResult(Action):
    """Answer an action of CodePipeline that waits for approval: `status` is Approved or Rejected.

    `summary` has 512 characters at most. Whoever has the token may answer, so it is told to nobody else.
    """

    #: an ARN
    approval_action: str
    status: str
    summary: str
    token: str = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        return {name: kept for name, kept in super().as_json().items() if name != "token"}
