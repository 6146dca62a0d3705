"""What every controller answers, so that the engine and the pages never ask which one it is."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

from deployments.aws.protocol import Gateway
from deployments.controllers.decisions import Decision, Reading, Snapshot
from deployments.values import Artefact, EnvironmentSettings, Plan
from deployments.vocabulary import Slot, Strategy

Observed = TypeVar("Observed")


class Controller(Protocol[Observed]):
    def plan(self, settings: EnvironmentSettings, strategy: Strategy) -> Plan:
        """The ordered steps and the way back. Raises ValueError with a sentence for a bad ladder."""
        ...

    def difference(
        self, settings: EnvironmentSettings, artefact: Artefact, gateway: Gateway
    ) -> tuple[tuple[str, str], ...]:
        """What the release changes in the live task definition, as lines of (sign, text)."""
        ...

    def services(self, snapshot: Snapshot, now: datetime) -> Collection[str]:
        """Names of the ECS services that the next observe reads, for batching; () when it reads none."""
        ...

    def observe(self, snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
        """Read what the current step needs, and no more."""
        ...

    def decide(self, snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
        """Pure."""
        ...

    def readings(self, snapshot: Snapshot, observed: Observed) -> Mapping[Slot, Reading]:
        """What this look measured of each slot, for the chart and the record."""
        ...

    def changed_anything(self, snapshot: Snapshot) -> bool:
        """Whether something on AWS would have to be put back."""
        ...

    def diagnose(self, snapshot: Snapshot, gateway: Gateway) -> dict[str, Any]:
        """What is worth keeping of a failure before it is cleaned away. May raise AwsError."""
        ...
