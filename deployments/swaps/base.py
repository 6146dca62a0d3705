"""What every controller answers, so that the engine and the pages never ask which one it is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from deployments.aws.eventbridge import AwsEvent
from deployments.aws.protocol import Gateway
from deployments.definitions.difference import Lines
from deployments.evidence import Reading
from deployments.frozen import Artefact, EnvironmentSettings, Plan
from deployments.preflight.report import Report
from deployments.swaps.decisions import Act, Decision, Known, Snapshot
from deployments.swaps.reports import Failure
from deployments.vocabulary import DeploymentKind, Slot, Strategy

Observed = TypeVar("Observed")


@dataclass(frozen=True, kw_only=True)
class Live:
    """What runs in an environment now: its slot, where there are slots, and container to image as deployed.

    Servers have a bundle instead of images, as `deployments.aws.bundles` has it, and `by` is the number of the
    deployment of CodeDeploy that installed it.
    """

    slot: Slot | None
    images: Mapping[str, str]
    bundle: Mapping[str, str] | None = None
    by: str = ""
    #: container to the digest that its running tasks run; absent where that is not known
    digests: Mapping[str, str] = field(default_factory=dict)
    #: whether nothing is being replaced: until then it is not told what will stay
    settled: bool = True
    since: datetime | None = None
    #: what a deployment that is under way brings, with its own `by`; None: none is, or none that brings something else
    coming: "Live | None" = None
    #: whether nothing is to run, by a desired count of 0: what would be started is known, and nobody sees it
    scaled_to_0: bool = False


class Controller(Protocol[Observed, Known]):
    @property
    def facts(self) -> type[Known]:
        """What its deployments know."""
        ...

    @property
    def required(self) -> tuple[str, ...]:
        """Settings without which it cannot work, as attributes of EnvironmentSettings."""
        ...

    @property
    def gate_stages(self) -> tuple[str, ...]:
        """Stages at which it can stop for people."""
        ...

    @property
    def warm_time_can_be_extended(self) -> bool:
        """Whether the time that the source is kept warm is ours to lengthen; AWS fixes its own."""
        ...

    @property
    def warm_time_can_be_ended(self) -> bool:
        """Whether a click can end that time early."""
        ...

    @property
    def rungs_are_ours(self) -> bool:
        """Whether Tealgate counts how long each share of production is watched, so that a click can cut it short."""
        ...

    @property
    def goes_on(self) -> str:
        """Who goes on by itself with a deployment that Tealgate leaves, such as "ECS"; "" = nobody."""
        ...

    @property
    def shows_targets(self) -> bool:
        """Whether `facts.targets` tells what happened on each target: its status and lifecycle events."""
        ...

    def kind_refusal(self, settings: EnvironmentSettings, kind: DeploymentKind, strategy: str) -> str:
        """Why AWS allows no such kind here in this way, with what to do, in sentences; "" when it does."""
        ...

    def takes_bundles(self, settings: EnvironmentSettings) -> bool:
        """Whether a release for this environment is a bundle; otherwise it is images."""
        ...

    def strategies(self, settings: EnvironmentSettings) -> tuple[Strategy, ...]:
        """Those that an environment of this kind can use; the first is the usual one."""
        ...

    def preflight(
        self, settings: EnvironmentSettings, artefact: Artefact | None, gateway: Gateway, now: datetime
    ) -> Report:
        """Everything that can be seen to go wrong before anything is touched. Never raises AwsError."""
        ...

    def live(self, settings: EnvironmentSettings, gateway: Gateway) -> Live:
        """What runs there now. Raises AwsError, or ValueError with a sentence when that cannot be told."""
        ...

    def plan(self, settings: EnvironmentSettings, strategy: Strategy) -> Plan:
        """The ordered steps and the way back. Raises ValueError with a sentence for a bad ladder."""
        ...

    def difference(self, settings: EnvironmentSettings, artefact: Artefact, gateway: Gateway) -> Lines | None:
        """What the release changes in the live task definition; None where there is nothing to compare with."""
        ...

    def services(self, snapshot: Snapshot[Known], now: datetime) -> Collection[str]:
        """Names of the ECS services that the next observe reads, for batching; () when it reads none."""
        ...

    def followed(self, snapshot: Snapshot[Known]) -> Mapping[str, Collection[str]]:
        """AWS's own deployments that the next observe reads, by the gateway's question for many of them."""
        ...

    def observe(self, snapshot: Snapshot[Known], gateway: Gateway, now: datetime) -> Observed:
        """Read what the current step needs, and no more."""
        ...

    def decide(self, snapshot: Snapshot[Known], observed: Observed, now: datetime) -> Decision:
        """Pure."""
        ...

    def readings(self, snapshot: Snapshot[Known], observed: Observed) -> Mapping[Slot, Reading]:
        """What this look measured of each slot, for the chart and the record."""
        ...

    def changed_anything(self, snapshot: Snapshot[Known]) -> bool:
        """Whether something on AWS would have to be put back."""
        ...

    def release_may_serve(self, snapshot: Snapshot[Known]) -> bool:
        """Whether the release may have production traffic by now, so that the way back would take it away."""
        ...

    def parting(self, snapshot: Snapshot[Known], gateway: Gateway) -> Act | None:
        """What of the owner's is to be given back although the way back ends in failure. May raise AwsError."""
        ...

    def left_running(self, snapshot: Snapshot[Known]) -> str:
        """Name of a one-off task that was started and whose end was not seen; "" when there is none."""
        ...

    def concerns(
        self, event: AwsEvent, settings: EnvironmentSettings, key: str, *, position: int, facts: Known
    ) -> bool:
        """Whether the deployment with this key has to look because of what AWS told."""
        ...

    def diagnose(self, snapshot: Snapshot[Known], gateway: Gateway) -> Failure:
        """What is worth keeping of a failure before it is cleaned away. May raise AwsError."""
        ...
