"""What a move is decided on. All are frozen; `Origin` and `Wanted` are kept with the move, `House` is read anew."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from deployments.aws.actions import Action
from deployments.aws.codedeploy_values import CodeDeployment
from deployments.aws.values import NativeDeployment, Rule, Service, Target, TargetGroup, Task
from deployments.frozen import EnvironmentSettings
from deployments.vocabulary import Controller

#: the steps of a move, in order
RULE, SERVICE, ENVIRONMENT = STEPS = ("rule", "service", "environment")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Where to. All but the controller are ARNs; "" = not given."""

    controller: str = Controller.ECS
    alternate_target_group: str = ""
    production_rule: str = ""
    test_rule: str = ""
    infrastructure_role: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    def beside(self, settings: EnvironmentSettings, live: str) -> Self:
        """With what the environment says already, where nothing else was asked for."""
        groups = [each for each in (settings.blue_target_group, settings.green_target_group) if each and each != live]
        return replace(
            self,
            alternate_target_group=self.alternate_target_group or next(iter(groups), ""),
            production_rule=self.production_rule or settings.production_rule,
            test_rule=self.test_rule or settings.test_rule,
        )


@dataclass(frozen=True, kw_only=True)
class House:
    """What AWS shows now; None and () = not there, or nothing to look at."""

    service: Service | None
    tasks: tuple[Task, ...] = ()
    rule: Rule | None = None
    #: all rules that forward to the live target group, by requests in words; only where none was named
    candidates: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, TargetGroup] = field(default_factory=dict)
    #: by target group: of those that the rule sends requests to, and of the other one
    targets: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)
    #: ECS's own deployment that is under way, or was last
    native: NativeDeployment | None = None
    #: CodeDeploy's newest deployment of the group
    code_deployment: CodeDeployment | None = None
    #: the Lambda functions of the group's AppSpec in words; "" = none
    hooks: str = ""
    #: why that is not known, in a sentence
    hooks_unread: str = ""

    @property
    def live(self) -> str:
        """The one target group that gets all of production; "" = there is not just one."""
        if self.rule is None:
            return self.service.target_groups[0] if self.service and len(self.service.target_groups) == 1 else ""
        return self.rule.live[0] if len(self.rule.live) == 1 else ""


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What was there when the move began: that is to be there after each step too."""

    controller: str
    task_definition: str
    live: str
    weights: Mapping[str, int]
    desired: int
    #: container to digest; a container whose tasks differed is absent
    digests: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Move:
    """One that is under way: the environment as it was, where to, and what was there."""

    settings: EnvironmentSettings
    wanted: Wanted
    origin: Origin


@dataclass(frozen=True, kw_only=True)
class Act:
    """One write on AWS; `says` what it does, in a sentence."""

    action: Action
    says: str


@dataclass(frozen=True, kw_only=True)
class Wait:
    says: str


@dataclass(frozen=True, kw_only=True)
class Done:
    """The step is where it is to be; `says` what proves it."""

    says: str


@dataclass(frozen=True, kw_only=True)
class Stop:
    """Nothing is written; `says` what was seen, where traffic is, and what to do."""

    says: str


Decision = Act | Wait | Done | Stop
