"""Dying at a chosen moment: what the crash tables are made of.

A story is told once undisturbed; every write it makes, on AWS and in the database, is a checkpoint with two
moments, before and after. At each of them the world is copied, the worker left as if dead, and the rest of the
story told in the copy by the next worker: it has to end like the undisturbed one.

A dead worker leaves nothing but rows and AWS. So moments that leave the same behind, such as after one write and before
the next one, are one. Looking again at the same stage writes the same thing over: of those, only the first is died at.
"""

import copy
import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction

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
#: A dead worker's lease is freed by the next one.
FREED = {"lease_token": "", "lease_expires_at": None}

#: of the stories that others begin like
_moments: dict["Story", list[str]] = {}

#: Any part of a story in which a worker may die is such that it can be begun again.
Step = Callable[[World, Deployment], object]


@dataclass(frozen=True)
class Story:
    name: str
    make: Callable[[], World]
    strategy: str
    steps: tuple[Step, ...]
    #: begins like this; the moments that they share are died at there
    like: "Story | None" = None


def run(world: World, deployment: Deployment) -> None:
    world.run(deployment)


def until(stage: str) -> Step:
    return lambda world, deployment: world.run(deployment, until=stage)


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


@dataclass(frozen=True)
class Death:
    moment: str
    ending: Ending


@dataclass
class Telling:
    story: Story
    world: World
    deployment: Deployment
    dies: bool
    #: the first moments, those of the story that this one begins like
    told_before: int = 0
    at: int = 0
    moments: list[str] = field(default_factory=list)
    left_behind: list[Any] = field(default_factory=list)
    deaths: list[Death] = field(default_factory=list)
    #: what happens now happens after the death
    dead: bool = False

    def tell(self) -> Ending:
        for number, step in enumerate(self.story.steps):
            self.at = number
            step(self.world, self.deployment)
        return _ending(self.world, self.deployment)

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(subject: Deployment | Action, *args: Any, **kwargs: Any) -> Any:
            where = f" at {subject.stage}" if isinstance(subject, Deployment) else ""
            self._moment(f"before {name}{where}")
            result = call(subject, *args, **kwargs)
            self._moment(f"after {name}{where}")
            return result

        return wrapped

    def around_action(self, perform: Callable[[Action], dict[str, Any]]) -> Callable[[Action], dict[str, Any]]:
        def performing(action: Action) -> dict[str, Any]:
            made: dict[str, Any] = self.around(action.operation, perform)(action)
            return made

        return performing

    def _moment(self, name: str) -> None:
        if self.dead:
            return
        looked_before = name in self.moments and any(look in name for look in LOOKS)
        self.moments.append(name)
        if not self.dies or len(self.moments) <= self.told_before or looked_before:
            return
        left = _left_behind(self.world)
        if left not in self.left_behind[-1:]:
            self.deaths.append(Death(f"{len(self.moments) - 1}: {name}", self._go_on_without_me()))
        self.left_behind.append(left)

    def _go_on_without_me(self) -> Ending:
        self.dead = True
        with transaction.atomic():
            Deployment.objects.update(**FREED)
            world, deployment = copy.deepcopy(self.world), Deployment.objects.get(pk=self.deployment.pk)
            del vars(world.aws)["perform"]  # which would act on the original
            for step in self.story.steps[self.at :]:
                step(world, deployment)
            ending = _ending(world, deployment)
            transaction.set_rollback(True)
        self.dead = False
        return ending


def _left_behind(world: World) -> Any:
    """All that is there when a worker has died now and its lease is freed; how often AWS was asked is no part of it."""
    rows = []
    with connection.cursor() as cursor:
        for query in _all_rows():
            cursor.execute(query)
            rows.append(cursor.fetchall())
    aws = {name: value for name, value in vars(world.aws).items() if name not in ("calls", "perform")}
    return rows, copy.deepcopy(aws), world.clock.now


@functools.cache
def _all_rows() -> list[str]:
    """As the database has them: making Python's values of all of them took a fifth of the time."""
    quote = connection.ops.quote_name
    queries = []
    for model in apps.get_app_config("deployments").get_models():
        columns = [field.column for field in model._meta.concrete_fields if field.name not in FREED]
        names = ", ".join(quote(column) for column in columns if column)
        order = quote(str(model._meta.pk.column))
        queries.append(f"SELECT {names} FROM {quote(model._meta.db_table)} ORDER BY {order}")  # noqa: S608
    return queries


def _told(story: Story, monkeypatch: pytest.MonkeyPatch, *, dies: bool, told_before: int = 0) -> tuple[Telling, Ending]:
    """In a transaction of its own that is undone afterwards."""
    with transaction.atomic(), monkeypatch.context() as patch:
        world = story.make()
        telling = Telling(story, world, world.request(story.strategy), dies, told_before)
        patch.setattr(world.aws, "perform", telling.around_action(world.aws.perform))
        dying = {name: telling.around(f"record.{name}", getattr(record, name)) for name in RECORDS}
        patch.setattr(passes, "record", SimpleNamespace(**vars(record) | dying))
        ending = telling.tell()
        transaction.set_rollback(True)
    return telling, ending


def every_death(story: Story, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Death], Ending]:
    """What came of each, and how the story ends undisturbed."""
    calm, undisturbed = _told(story, monkeypatch, dies=False)
    told_before = _told_before(story, calm.moments, monkeypatch)
    telling, ending = _told(story, monkeypatch, dies=True, told_before=told_before)
    assert (ending, telling.moments) == (undisturbed, calm.moments), "the deaths changed the one who told of them"
    return telling.deaths, undisturbed


def _told_before(story: Story, moments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """How many moments at the beginning are those of the story that it begins like."""
    if story.like is None:
        return 0
    if story.like not in _moments:
        _moments[story.like] = _told(story.like, monkeypatch, dies=False)[0].moments
    same = [mine == other for mine, other in zip(moments, _moments[story.like], strict=False)]
    return same.index(False) if False in same else 0
