"""Writes on EventBridge, as `actions` has them."""

from dataclasses import dataclass

from deployments.aws.action_base import Action


@dataclass(frozen=True, kw_only=True)
class PutTargets(Action):
    """Have one ECS target of a rule start another task definition; all else of it stays.

    Both are ARNs. The gateway reads the target, refuses (errors.Changed) if it does not start `expected`, and writes.
    """

    rule: str
    target: str
    task_definition: str
    expected: str


@dataclass(frozen=True, kw_only=True)
class UpdateSchedule(Action):
    """The same for a schedule of EventBridge Scheduler, GROUP/NAME."""

    schedule: str
    task_definition: str
    expected: str


@dataclass(frozen=True, kw_only=True)
class PutEvents(Action):
    """One event of ours on the account's default bus. That it comes back shows that AWS's own would."""

    #: a deployment's key
    echo_of: str
