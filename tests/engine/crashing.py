"""Dying at a chosen moment: what the crash tables are made of.

A story is told once undisturbed; every write it makes, on AWS and in the database, is a checkpoint with two
moments, before and after. Then it is told again for each of them, dying there, and has to end the same.
Looking again at the same stage writes the same thing over: of those, only the first is died at.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from deployments.aws.actions import Action
from deployments.engine import passes, record
from deployments.models import Deployment
from tests.engine.world import World

RECORDS = (
    "started", "intended", "acted", "noted", "probed", "waited", "measured",
    "gate_opened", "gate_expired", "advanced", "turned_back", "ended", "captured",
)  # fmt: skip


#: Written at every look while nothing changes.
LOOKS = ("record.waited", "record.measured")


class Killed(BaseException):
    """kill -9: nothing below may catch it or clean up after it."""


@dataclass
class Reaper:
    """Dies at the n-th moment; counts and names them all when n is out of reach."""

    at: int = -1
    moments: list[str] = field(default_factory=list)

    def moment(self, name: str) -> None:
        self.moments.append(name)
        if len(self.moments) - 1 == self.at:
            raise Killed(name)

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(subject: Deployment | Action, *args: Any, **kwargs: Any) -> Any:
            where = f" at {subject.stage}" if isinstance(subject, Deployment) else ""
            self.moment(f"before {name}{where}")
            result = call(subject, *args, **kwargs)
            self.moment(f"after {name}{where}")
            return result

        return wrapped


@dataclass(frozen=True)
class Story:
    tell: Callable[[World], Deployment]
    make: Callable[[], World]
    #: begins like this; the moments that they share are died at there
    like: "Story | None" = None

    @property
    def name(self) -> str:
        return self.tell.__name__.strip("_")


def run(world: World, deployment: Deployment, *, until: str = "") -> Deployment:
    """Like a worker that is started again after its death: it frees the dead one's lease and goes on."""
    while True:
        try:
            return world.run(deployment, until=until)
        except Killed:
            Deployment.objects.update(lease_token="", lease_expires_at=None)
            deployment.refresh_from_db()


def step(world: World, deployment: Deployment) -> None:
    try:
        world.advance(deployment)
    except Killed:
        Deployment.objects.update(lease_token="", lease_expires_at=None)
        deployment.refresh_from_db()


@dataclass(frozen=True)
class Ending:
    status: str
    reason: str
    events: tuple[tuple[str, str, str], ...]
    stages: tuple[tuple[str, bool, str], ...]
    weights: tuple[tuple[str, str, float], ...]
    services: tuple[tuple[str, str, int], ...]
    scaling: tuple[tuple[str, bool], ...]
    revisions: int
    one_off_tasks: int


def _ending(world: World, deployment: Deployment) -> Ending:
    aws = world.aws
    return Ending(
        status=deployment.status,
        reason=deployment.status_reason,
        events=tuple((event.kind, event.stage, event.message) for event in deployment.events.all()),
        stages=tuple((run.stage, run.rolling_back, run.outcome) for run in deployment.stage_runs.all()),
        weights=tuple((arn, group, rule.share(group)) for arn, rule in aws.rules.items() for group in rule.weights),
        services=tuple((s.name, s.task_definition, s.desired) for s in aws.ecs.values()),
        scaling=tuple((name, target.suspended) for name, target in aws.scaling.items()),
        revisions=len(aws.task_definitions),
        one_off_tasks=len(aws.one_off),
    )


def _tell(story: Story, reaper: Reaper, monkeypatch: pytest.MonkeyPatch) -> Ending:
    """Run the story in a transaction of its own that is undone afterwards."""
    with transaction.atomic(), monkeypatch.context() as patch:
        world = story.make()
        perform = world.aws.perform

        def performing(action: Action) -> dict[str, Any]:
            made: dict[str, Any] = reaper.around(action.operation, perform)(action)
            return made

        patch.setattr(world.aws, "perform", performing)
        dying = {name: reaper.around(f"record.{name}", getattr(record, name)) for name in RECORDS}
        patch.setattr(passes, "record", SimpleNamespace(**vars(record) | dying))
        ending = _ending(world, story.tell(world))
        transaction.set_rollback(True)
    return ending


def every_death(story: Story, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Ending, Ending]]:
    calm = Reaper()
    undisturbed = _tell(story, calm, monkeypatch)
    for number, name in list(enumerate(calm.moments))[_told_before(story, calm.moments, monkeypatch) :]:
        if name in calm.moments[:number] and any(look in name for look in LOOKS):
            continue
        yield f"{number}: {name}", _tell(story, Reaper(at=number), monkeypatch), undisturbed


def _told_before(story: Story, moments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """How many moments at the beginning are those of the story that it begins like."""
    if story.like is None:
        return 0
    first = Reaper()
    _tell(story.like, first, monkeypatch)
    same = [mine == other for mine, other in zip(moments, first.moments, strict=False)]
    return same.index(False) if False in same else 0
