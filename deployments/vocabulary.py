"""The words of Tealgate: AWS's own, in one place, free of Django so that pure code can use them.

Statuses are those of an ECS service deployment and one of CodeDeploy's, stages those of its lifecycle. Stages are an
open set: AWS adds some, so they are stored and compared as plain strings and unknown ones must be displayable.
"""

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(member.value, member.label) for member in cls]

    @classmethod
    def parse(cls, value: str) -> Self:
        return cls(value)


class Status(Word):
    """ECS ServiceDeploymentStatus, all nine, and CodeDeploy's for what has stopped where it was and goes nowhere."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    SUCCESSFUL = "SUCCESSFUL"
    STOP_REQUESTED = "STOP_REQUESTED"
    STOPPED = "STOPPED"
    ROLLBACK_REQUESTED = "ROLLBACK_REQUESTED"
    ROLLBACK_IN_PROGRESS = "ROLLBACK_IN_PROGRESS"
    ROLLBACK_SUCCESSFUL = "ROLLBACK_SUCCESSFUL"
    ROLLBACK_FAILED = "ROLLBACK_FAILED"
    FAILED = "FAILED"

    @property
    def label(self) -> str:
        named = {"ROLLBACK_SUCCESSFUL": "Rolled back", "ROLLBACK_IN_PROGRESS": "Rolling back"}
        return named.get(self.value, super().label)


#: Other than it was wanted, though nothing need be wrong by now.
ENDED_BADLY = (Status.STOPPED, Status.ROLLBACK_SUCCESSFUL, Status.ROLLBACK_FAILED, Status.FAILED)

TERMINAL_STATUSES = frozenset({Status.SUCCESSFUL, *ENDED_BADLY})
UNFINISHED_STATUSES = frozenset(Status) - TERMINAL_STATUSES
ROLLING_BACK_STATUSES = frozenset({Status.ROLLBACK_REQUESTED, Status.ROLLBACK_IN_PROGRESS})


class DeploymentKind(Word):
    """What a deployment begins with, which whoever asks for it says."""

    NORMAL = "NORMAL"
    #: production is sick, and this is to mend it
    REPAIR = "REPAIR"
    #: nothing runs there, so there is nothing to go back to
    FIRST = "FIRST"

    @property
    def label(self) -> str:
        return {"NORMAL": "Deployment", "REPAIR": "Repair", "FIRST": "First release"}[self.value]


class MoveStatus(Word):
    """Of an environment that is moved to another controller."""

    UNDER_WAY = "UNDER_WAY"
    DONE = "DONE"
    TAKEN_BACK = "TAKEN_BACK"


class Stage(Word):
    """ECS lifecycle stages, in order, and one of ours after them: when it comes depends on the gates."""

    RECONCILE_SERVICE = "RECONCILE_SERVICE"
    PRE_SCALE_UP = "PRE_SCALE_UP"
    SCALE_UP = "SCALE_UP"
    POST_SCALE_UP = "POST_SCALE_UP"
    TEST_TRAFFIC_SHIFT = "TEST_TRAFFIC_SHIFT"
    POST_TEST_TRAFFIC_SHIFT = "POST_TEST_TRAFFIC_SHIFT"
    PRE_PRODUCTION_TRAFFIC_SHIFT = "PRE_PRODUCTION_TRAFFIC_SHIFT"
    PRODUCTION_TRAFFIC_SHIFT = "PRODUCTION_TRAFFIC_SHIFT"
    POST_PRODUCTION_TRAFFIC_SHIFT = "POST_PRODUCTION_TRAFFIC_SHIFT"
    BAKE_TIME = "BAKE_TIME"
    CLEAN_UP = "CLEAN_UP"
    SCHEDULED_TASKS = "SCHEDULED_TASKS"


class Controller(Word):
    SERVICE_PAIR = "SERVICE_PAIR"
    ROLLING = "ROLLING"
    ECS = "ECS"
    EXPRESS_MODE = "EXPRESS_MODE"
    CODE_DEPLOY = "CODE_DEPLOY"

    @property
    def label(self) -> str:
        return {
            "SERVICE_PAIR": "Service pair: Tealgate shifts traffic between two services",
            "ROLLING": "Rolling: ECS replaces the tasks of one service",
            "ECS": "ECS's own blue/green, canary or linear",
            "EXPRESS_MODE": "Express Mode: ECS's own canary, with a gate before it",
            "CODE_DEPLOY": "CodeDeploy shifts traffic, or installs on servers",
        }[self.value]


class ComputePlatform(Word):
    """CodeDeploy's names of what it deploys to."""

    ECS = "ECS"
    SERVER = "Server"

    @property
    def label(self) -> str:
        return {"ECS": "An ECS service", "Server": "Servers: EC2 instances or an Auto Scaling group"}[self.value]


class Slot(Word):
    """The two fixed target groups. Neither name means "new": which one is live is read from the listener."""

    BLUE = "blue"
    GREEN = "green"

    @property
    def other(self) -> "Slot":
        return Slot.GREEN if self is Slot.BLUE else Slot.BLUE


class Role(Word):
    """The two releases of a deployment: what was live before it, and what it brings."""

    SOURCE = "source"
    TARGET = "target"


class GateStatus(Word):
    """An ECS PAUSE hook's statuses."""

    AWAITING_ACTION = "AWAITING_ACTION"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"

    @property
    def label(self) -> str:
        """As people say it. FAILED is also what was open when its deployment turned back."""
        named = {"AWAITING_ACTION": "Waiting for approval", "SUCCEEDED": "Approved", "FAILED": "Not approved"}
        return named.get(self.value, super().label)


class DefinitionBase(Word):
    """What a release's task definition starts from."""

    LIVE = "LIVE"
    NEWEST = "NEWEST"
    RELEASE = "RELEASE"

    @property
    def label(self) -> str:
        return {
            "LIVE": "What runs: only images change",
            "NEWEST": "The newest ACTIVE revision of the family that Tealgate did not make (Terraform's)",
            "RELEASE": "The one that the release brings",
        }[self.value]


class FileExists(Word):
    """CodeDeploy's fileExistsBehavior."""

    DISALLOW = "DISALLOW"
    OVERWRITE = "OVERWRITE"
    RETAIN = "RETAIN"

    @property
    def label(self) -> str:
        return {
            "DISALLOW": "Fail on them",
            "OVERWRITE": "Replace them by the release's",
            "RETAIN": "Keep them instead of the release's",
        }[self.value]


class TimeoutAction(Word):
    ROLLBACK = "ROLLBACK"
    CONTINUE = "CONTINUE"

    @property
    def label(self) -> str:
        return {"ROLLBACK": "Roll back", "CONTINUE": "Continue"}[self.value]


class Verdict(Word):
    APPROVE = "APPROVE"
    REJECT = "REJECT"


class Outcome(Word):
    """How one stage ended."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    STOPPED = "STOPPED"


class Strategy(Word):
    """How a release takes over. Which of them an environment offers is its controller's to say."""

    BLUE_GREEN = "BLUE_GREEN"
    CANARY = "CANARY"
    LINEAR = "LINEAR"
    LADDER = "LADDER"
    ALL_AT_ONCE = "AllAtOnce"
    CANARY_10_5 = "Canary10Percent5Minutes"
    CANARY_10_15 = "Canary10Percent15Minutes"
    LINEAR_10_1 = "Linear10PercentEvery1Minutes"
    LINEAR_10_3 = "Linear10PercentEvery3Minutes"
    ROLLING = "ROLLING"
    GROUP_CONFIG = "GROUP_CONFIG"
    HALF_AT_A_TIME = "HalfAtATime"
    ONE_AT_A_TIME = "OneAtATime"

    @property
    def label(self) -> str:
        return {
            "ROLLING": "Rolling: tasks are replaced a few at a time",
            "GROUP_CONFIG": "As the deployment group is configured",
            "HalfAtATime": "Half of the instances at a time",
            "OneAtATime": "One instance at a time",
            "BLUE_GREEN": "Blue/green: all traffic at once",
            "CANARY": "Canary: a small share first, then all",
            "LINEAR": "Linear: equal steps",
            "LADDER": "This environment's own ladder of weights",
        }.get(self.value, f"{self.value} (CodeDeploy's preset)")


class ActorKind(Word):
    PERSON = "PERSON"
    TOKEN = "TOKEN"  # noqa: S105 - a kind of actor, not a secret
    SYSTEM = "SYSTEM"


#: Tags of the task definitions that we register. By the first a revision is found again instead of registered twice.
DEPLOYMENT_TAG = "tealgate:deployment"
RELEASE_TAG = "tealgate:release"
#: The revision that one of ours was made from, where that was the newest of its family.
BASE_TAG = "tealgate:base"
