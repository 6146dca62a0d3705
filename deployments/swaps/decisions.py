"""What a controller sees and what it may answer, as frozen values. No Django, no AWS calls.

A pass of the engine is: observe, decide, perform, record; then again, until a Wait or the end.
Every decision carries a reason for people: it becomes the event, or the sentence on the page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from deployments.aws.actions import Action, Made
from deployments.frozen import Artefact, EnvironmentSettings, GateSpec, Plan, Step
from deployments.swaps.facts import Facts
from deployments.vocabulary import GateStatus, Role, Slot

Known = TypeVar("Known", bound=Facts)
_Known = TypeVar("_Known", bound=Facts, covariant=True)


@dataclass(frozen=True, kw_only=True)
class GateState:
    """The gate at the current position, as it stands in the database."""

    status: GateStatus
    expires_at: datetime
    timeout_action: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Snapshot(Generic[_Known]):
    """One deployment as the engine claimed it. `facts` is what was found or made on AWS so far."""

    #: names what this deployment makes on AWS
    key: str
    settings: EnvironmentSettings
    artefact: Artefact
    #: on the way back: of what was live before, where Tealgate had deployed it
    source_artefact: Artefact | None = None
    #: of what was live before; "" where Tealgate had not deployed it
    source_version: str = ""
    plan: Plan
    position: int
    rolling_back: bool
    #: how often a failed roll back was tried again
    attempt: int = 0
    status_reason: str = ""
    source: Slot | None = None
    target: Slot | None = None
    facts: _Known
    #: the write that was about to be made when this was last recorded; it may have happened
    intent: Mapping[str, Any] | None = None
    step_started_at: datetime
    source_kept_until: datetime | None = None
    gate: GateState | None = None
    #: somebody wants to go on from this step without the rest of its time
    gone_on: bool = False
    #: how many events about this deployment AWS told of so far
    events_heard: int = 0
    #: when the queue of events was last read; None where there is none
    listened_at: datetime | None = None
    #: before preflight: facts of the last good deployments to the same environment that kept what was `checked`,
    #: newest first
    earlier: tuple[_Known, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.plan.way_back if self.rolling_back else self.plan.steps

    @property
    def step(self) -> Step:
        return self.steps[self.position]

    def service(self, slot: Slot) -> str:
        return self.settings.service(slot)

    def target_group(self, slot: Slot) -> str:
        return self.settings.target_group(slot)


@dataclass(frozen=True, kw_only=True)
class Decision:
    reason: str
    #: what the deployment knows from now on, made from the snapshot's; None: nothing new
    facts: Facts | None = None
    #: whose release has all traffic, as AWS says, where its share does not tell: on the way back, and where tasks are
    #: replaced. It is recorded with a Note, an Advance and the end.
    live: Role | None = None


@dataclass(frozen=True, kw_only=True)
class Act(Decision):
    """Make one write on AWS. `facts` are recorded once it is known to have happened, with `mark` and what it made."""

    action: Action
    #: remembers that it happened; see `marks`
    mark: str = ""
    #: what an earlier try already made, whose answer was lost: then nothing is written
    found: Made | None = None
    #: facts to go on with where AWS refuses or does not answer; None: it has to happen
    if_refused: Facts | None = None
    #: that is for a refusal only: where AWS does not answer it is tried again
    insists: bool = False

    def known(self, before: Known, made: Made) -> Known:
        """Once it has happened. `before` is what was known without it."""
        return cast(Known, self.facts or before).with_made(made).marked(self.mark)


@dataclass(frozen=True, kw_only=True)
class Probe(Decision):
    """Send the smoke checks and webhooks; their results become facts."""


@dataclass(frozen=True, kw_only=True)
class Note(Decision):
    """Something was learnt that belongs in the record; go on at once."""

    #: (source, target), where they have changed places
    slots: tuple[Slot, Slot] | None = None


@dataclass(frozen=True, kw_only=True)
class Wait(Decision):
    """Look again at `until`; without it with a backoff from 1 s to 15 s, but not later than `at_most`."""

    until: datetime | None = None
    at_most: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class OpenGate(Decision):
    """`expires_at` is AWS's own where AWS holds the gate; else the spec's time counts from now.

    `held_until`: when AWS goes on, or back, whatever our gate says.
    """

    spec: GateSpec
    evidence: Mapping[str, Any]
    expires_at: datetime | None = None
    held_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ExpireGate(Decision):
    """The gate's time is over: mark it TIMED_OUT; the next look acts on its timeout action."""


@dataclass(frozen=True, kw_only=True)
class Advance(Decision):
    """This step is done. Past the last one the deployment has ended well."""

    slots: tuple[Slot, Slot] | None = None  # (source, target), once known
    keep_source_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Fail(Decision):
    """Cannot go on. The engine turns to the way back, or stops if nothing was changed yet."""

    #: AWS turns it back by itself already, which is followed to its end
    followed: bool = False
    #: since when what it says is so, by AWS's own clock; None: it does not tell
    began: datetime | None = None
