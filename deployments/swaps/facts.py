"""What a swap knows of itself: what it did, found and made on AWS so far, typed. Each controller has its own.

A default means "not known yet" and is not kept. A fact is added by a field here, or where only one controller has it
in that one's `facts` module: rows written before it existed have its default. Keep the name and shape of a field that
rows hold already.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar

from deployments.aws.actions import Made
from deployments.preflight.report import Result
from deployments.swaps import documents
from deployments.swaps.reports import (
    CheckResult,
    Failure,
    FoundStarter,
    HeldTask,
    OneOffTaskRun,
    Reconciled,
    TargetLifecycle,
)

T = TypeVar("T")

#: Names that earlier versions wrote.
_RENAMED = {"lifecycle": "targets", "tellings": "events_heard"}


def _as_named_today(document: Mapping[str, Any]) -> dict[str, Any]:
    """The names of facts, and those of an echo."""
    named = {_RENAMED.get(name, name): kept for name, kept in document.items()}
    if isinstance(echo := named.get("echo"), Mapping):
        named["echo"] = {_RENAMED.get(name, name): kept for name, kept in echo.items()}
    return named


@dataclass(frozen=True, kw_only=True)
class Echo:
    """An event of ours, asked for at a step: when and after how many events, or that AWS refused it."""

    position: int
    events_heard: int | None = None
    at: datetime | None = None
    refused: bool = False


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A time in which nobody looked, ourselves or AWS being away."""

    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        return self.until - self.since

    def __str__(self) -> str:
        day = "" if self.since.date() == self.until.date() else "%Y-%m-%d "
        return f"from {self.since:{day}%H:%M:%S} UTC to {self.until:{day}%H:%M:%S} UTC"


@dataclass(frozen=True, kw_only=True)
class Facts:
    #: fields from which a time limit of ours counts; AWS's own clock, and what is looked for by it, is not among them
    LIMITS_FROM: ClassVar[tuple[str, ...]] = ("task_started_at",)

    #: marks of writes that are known to have happened; see `marks`
    done: tuple[str, ...] = ()
    #: writes that were under way when it turned back or ended, as Action.as_json(): they may have happened
    in_flight: tuple[Mapping[str, Any], ...] = ()

    #: ARNs of the release's task definition, and of the one before
    task_definition: str = ""
    source_task_definition: str = ""
    #: container to its image, as the live task definition names it
    source_images: Mapping[str, str] = field(default_factory=dict)
    #: container to the digest that its tasks were seen to run: before anything was written, and once the release ran
    source_digests: Mapping[str, str] = field(default_factory=dict)
    target_digests: Mapping[str, str] = field(default_factory=dict)
    #: containers whose image the live task definition, and the release's, names by a tag
    source_by_tag: tuple[str, ...] = ()
    target_by_tag: tuple[str, ...] = ()
    #: ARN of the revision that names the source's digests, once the way back has made it
    source_pinned: str = ""
    #: what the release changes in it: (sign, text)
    difference: tuple[tuple[str, str], ...] = ()
    #: how many tasks the service is to have
    desired: int = 0
    #: how many it was to have before a first release; None: no other count was written
    desired_before: int | None = None
    reconciled: Reconciled | None = None

    #: ARN and start of the one-off task that runs or ran last, and those that have ended
    task: str = ""
    task_started_at: datetime | None = None
    tasks: tuple[OneOffTaskRun, ...] = ()

    #: what starts the tasks of scheduled families, as found before the first of it was written; None: not looked yet
    starters: tuple[FoundStarter, ...] | None = None
    #: by the ARN of a revision that was found, that of the release's made from it
    scheduled: Mapping[str, str] = field(default_factory=dict)

    #: of the last try, and how many there were
    smoke: tuple[CheckResult, ...] = ()
    smoke_at: datetime | None = None
    smoke_tries: int = 0

    #: what unhealthy targets answered, in words
    last_unhealthy: str = ""
    #: when all of the release's targets were healthy
    healthy_at: datetime | None = None

    #: what is waited for because ECS may not stop it, at the last look
    held: tuple[HeldTask, ...] = ()

    #: the last one
    unwatched: Gap | None = None

    echo: Echo | None = None
    #: how many events were told of at the last whole look at a gate; None where nothing would have been told
    looked: int | None = None
    #: what was seen then and who watches now, in words
    watch: str = ""
    #: what is not as it should be although it goes on or went well, a sentence each
    warnings: tuple[str, ...] = ()

    #: share of production traffic on the target. This and what follows is kept in columns of the same names.
    percent: float = 0
    preflight: tuple[Result, ...] = ()
    #: where CodeDeploy tells what happened on each
    targets: tuple[TargetLifecycle, ...] = ()
    failure: Failure | None = None

    @property
    def source_bundle(self) -> Mapping[str, str] | None:
        """What servers were seen to have before anything was written."""
        return None

    def as_json(self) -> dict[str, Any]:
        return documents.known(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Also of documents written by earlier versions."""
        return documents.read(cls, _as_named_today(document))

    def marked(self, mark: str) -> Self:
        return replace(self, done=(*self.done, mark)) if mark else self

    def after(self, gap: Gap) -> Self:
        """With what our own time limits count from so much later: time in which nobody looked does not count."""
        moved = {name: at + gap.length for name in self.LIMITS_FROM if (at := getattr(self, name)) is not None}
        return replace(self, unwatched=gap, **moved)

    def with_made(self, made: Made) -> Self:
        return replace(self, task_definition=made.task_definition or self.task_definition, task=made.task or self.task)

    def with_smoke(self, results: tuple[CheckResult, ...], now: datetime) -> Self:
        return replace(self, smoke=results, smoke_at=now, smoke_tries=self.smoke_tries + 1)

    def with_in_flight(self, intent: Mapping[str, Any] | None) -> Self:
        """The write that was under way: the way back has to undo it, a second try as well."""
        return replace(self, in_flight=(*self.in_flight, intent)) if intent else self

    def with_failure(self, sentence: str, began: datetime | None = None) -> Self:
        return replace(self, failure=replace(self.failure or Failure(), sentence=sentence, began=began))

    def with_diagnosis(self, seen: Failure) -> Self:
        """The sentence and its time stay what they were."""
        before = self.failure or Failure()
        return replace(self, failure=replace(seen, sentence=before.sentence, began=before.began))


@dataclass(frozen=True, kw_only=True)
class TwoSlotFacts(Facts):
    LIMITS_FROM = (*Facts.LIMITS_FROM, "shifted_at")

    #: when production traffic moved: for CodeDeploy at first, else at the last rung
    shifted_at: datetime | None = None


def sure(fact: T | None) -> T:
    """A fact that an earlier step has found out. Raises ValueError when it has not."""
    if fact is None or fact == "":
        raise ValueError("a fact of an earlier step is not known")
    return fact
