"""What a swap by CodeDeploy knows of itself, whether on ECS or on servers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from deployments.aws.actions import Made
from deployments.aws.appspecs import AppSpecHook
from deployments.aws.codedeploy_values import DeploymentGroup
from deployments.swaps import decisions
from deployments.swaps.facts import TwoSlotFacts


@dataclass(frozen=True, kw_only=True)
class Group:
    """What of the deployment group matters later; it is read once, so that a change in between changes nothing."""

    config: str
    #: in Ready, for so many minutes at most
    waits: bool
    ready_minutes: int
    #: ends what it replaced, after so many minutes
    terminates: bool
    termination_minutes: int
    #: its listener for test traffic; "" = none
    test_listener: str = ""
    #: servers: whether they keep their places, so that going back installs on each of them
    in_place: bool = False
    #: by which CodeDeploy stops a deployment, where they are switched on
    alarms: tuple[str, ...] = ()

    @classmethod
    def of(cls, group: DeploymentGroup) -> Self:
        return cls(
            config=group.config,
            waits=group.ready_action == "STOP_DEPLOYMENT",
            ready_minutes=group.ready_minutes,
            terminates=group.termination_action != "KEEP_ALIVE",
            termination_minutes=group.termination_minutes,
            test_listener=group.test_listener,
            in_place=group.style != "BLUE_GREEN",
            alarms=group.alarms,
        )


@dataclass(frozen=True, kw_only=True)
class Installed:
    """What the servers of a group had before anything was written, and by which deployments of CodeDeploy."""

    #: as `deployments.aws.bundles` has it; None: nothing was ever brought there well
    bundle: Mapping[str, str] | None = None
    #: number of the last good deployment, and its end; "" without one
    by: str = ""
    at: datetime | None = None
    #: number of the newest one, however it ended
    newest: str = ""
    #: the last good one's fileExistsBehavior
    file_exists: str = ""
    #: why it could not be installed again, in a sentence; "" = it could
    gone: str = ""


@dataclass(frozen=True, kw_only=True)
class CodeDeployFacts(TwoSlotFacts):
    LIMITS_FROM = (*TwoSlotFacts.LIMITS_FROM, "owner_held_at")

    #: number of CodeDeploy's own deployment
    code_deployment: str = ""
    group: Group | None = None
    #: since when it stands in Ready, and how long the source is kept
    ready_at: datetime | None = None
    kept_until: datetime | None = None
    #: Lambda functions of the owner's AppSpec that ours names too
    hooks: tuple[AppSpecHook, ...] = ()
    #: when CodeDeploy last waited for one of them before the release was ready
    owner_held_at: datetime | None = None
    #: number of the deployment by which CodeDeploy goes back after it had finished
    again: str = ""
    #: servers: what to go back to, and not to overwrite when somebody else has changed it
    installed: Installed | None = None
    #: servers: ARN of the target group whose health is watched once CodeDeploy is done; "" = none, or it is not shown
    target_group: str = ""
    #: servers: whether the way back goes past failing scripts of what is there, since it failed on one
    past_stop_failures: bool = False

    @property
    def source_bundle(self) -> Mapping[str, str] | None:
        return self.installed.bundle if self.installed else None

    def with_made(self, made: Made) -> Self:
        """The first one is the release's; whatever is made once that is known takes the source back."""
        known = super().with_made(made)
        if not made.code_deployment:
            return known
        if self.code_deployment:
            return replace(known, again=made.code_deployment)
        return replace(known, code_deployment=made.code_deployment)


Snapshot = decisions.Snapshot[CodeDeployFacts]
