"""Dying at a chosen moment: what the crash tables are made of.

A story is told once undisturbed; every write it makes, on AWS and in the database, is a checkpoint with two
moments, before and after. At each of them the world is copied, the worker left as if dead, and the rest of the
story told in the copy by the next worker: it has to end like the undisturbed one.

A dead worker leaves nothing but rows and AWS. So moments that leave the same behind, such as after one write and before
the next one, are one. Looking again at the same stage writes the same thing over: of those, only the first is died at.

A pass begins with nothing but rows, AWS and the clock too. So once the next worker's pass has left all that can make a
difference as a pass of the undisturbed story did, the rest of both is the same, and is not told again.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from deployments.aws.actions import Action, Made
from deployments.catalog.models import Environment
from deployments.delivery.engine import measurements, one_pass, passes, record
from deployments.delivery.models import Deployment
from tests.delivery.engine.left_behind import FREED, goes_on_from, kept, left_behind, number_as_before
from tests.delivery.engine.world import World

RECORDS = (
    "started", "intended", "acted", "write_skipped", "noted", "probed", "waited", "unwatched",
    "gate_opened", "gate_expired", "advanced", "turned_back", "ended", "captured",
)  # fmt: skip


#: Written at every look while nothing changes.
LOOKS = ("record.waited", "measurements.keep")

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

    def begin(self) -> tuple[World, Deployment]:
        world = self.make()
        return world, world.request(self.strategy)


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
    #: what the owner has set on services, as it is shown then
    configurations: tuple[str, ...]
    scaling: tuple[tuple[str, bool], ...]
    revisions: int
    one_off_tasks: int
    #: AWS's own deployments
    shifts: int
    live: tuple[int | None, str]
    #: what rules and schedules start
    scheduled: tuple[tuple[str, str], ...]


def _ending(world: World, deployment: Deployment) -> Ending:
    aws = world.aws
    return Ending(
        status=deployment.status,
        reason=deployment.status_reason,
        events=tuple((event.kind, event.stage, event.message) for event in deployment.events.all()),
        stages=tuple((run.stage, run.rolling_back, run.outcome) for run in deployment.stage_runs.all()),
        weights=tuple((arn, group, rule.share(group)) for arn, rule in aws.rules.items() for group in rule.weights),
        services=tuple((s.name, s.task_definition, s.desired) for s in aws.ecs.values()),
        # PostgreSQL keeps no order of what is in an object.
        configurations=tuple(json.dumps(s.deployment_configuration, sort_keys=True) for s in aws.ecs.values()),
        scaling=tuple((name, target.suspended) for name, target in aws.scaling.items()),
        revisions=len(aws.task_definitions),
        one_off_tasks=len(aws.one_off),
        shifts=len(aws.native) + len(aws.codedeploy),
        live=Environment.objects.values_list("live_release", "live_slot").get(pk=deployment.environment_id),
        scheduled=tuple((key, each.task_definition) for key, each in aws.scheduled.items()),
    )


@dataclass(frozen=True)
class Death:
    moment: str
    ending: Ending


class AsUndisturbed(Exception):
    """After the pass that raises this, all is as it was in the undisturbed story."""


@dataclass
class Telling:
    story: Story
    world: World
    deployment: Deployment
    #: the undisturbed one, for one that dies
    calm: "Telling | None" = None
    #: the first moments, those of the story that this one begins like
    told_before: int = 0
    #: number of the step that is told
    at: int = 0
    moments: list[str] = field(default_factory=list)
    #: what each pass left behind, and in which step
    passes: list[tuple[int, Any]] = field(default_factory=list)
    left_behind: Any = None
    deaths: list[Death] = field(default_factory=list)
    ending: Ending = field(init=False)
    #: who goes on after the death that is told of now
    heir: World | None = None

    def tell(self, world: World, deployment: Deployment) -> Ending:
        """The rest of it."""
        for number in range(self.at, len(self.story.steps)):
            self.at = number
            self.story.steps[number](world, deployment)
        return _ending(world, deployment)

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(subject: Deployment | Action, *args: Any, **kwargs: Any) -> Any:
            where = f" at {subject.stage}" if isinstance(subject, Deployment) else ""
            self._moment(f"before {name}{where}")
            result = call(subject, *args, **kwargs)
            self._moment(f"after {name}{where}")
            return result

        return wrapped

    def around_action(self, perform: Callable[[Action], Made]) -> Callable[[Action], Made]:
        def performing(action: Action) -> Made:
            made: Made = self.around(action.operation, perform)(action)
            return made

        return performing

    def around_pass(self, advance: Callable[..., None]) -> Callable[..., None]:
        def passing(*args: Any) -> None:
            advance(*args)
            if self.calm is None:
                self.passes.append((self.at, kept(goes_on_from(self.world))))
            elif self.heir and (self.at, goes_on_from(self.heir)) in self.calm.passes:
                raise AsUndisturbed

        return passing

    def _moment(self, name: str) -> None:
        if self.heir:
            return
        looked_before = name in self.moments and any(look in name for look in LOOKS)
        self.moments.append(name)
        if self.calm is None or len(self.moments) <= self.told_before or looked_before:
            return
        left = left_behind(self.world)
        if left != self.left_behind:
            self.left_behind = kept(left)
            self.deaths.append(Death(f"{len(self.moments) - 1}: {name}", self._go_on_without_me(self.calm)))

    def _go_on_without_me(self, calm: "Telling") -> Ending:
        at, self.heir = self.at, _copied(self.world)
        try:
            with transaction.atomic():
                Deployment.objects.update(**FREED)
                ending = self.tell(self.heir, Deployment.objects.get(pk=self.deployment.pk))
                transaction.set_rollback(True)
        except AsUndisturbed:
            ending = calm.ending
        number_as_before()
        self.at, self.heir = at, None
        return ending


def _copied(world: World) -> World:
    copied = copy.deepcopy(world)
    vars(copied.aws).pop("perform", None)  # which would act on the original
    return copied


def _told(telling: Telling, monkeypatch: pytest.MonkeyPatch) -> Telling:
    """In a transaction of its own that is undone afterwards."""
    number_as_before()
    with transaction.atomic(), monkeypatch.context() as patch:
        patch.setattr(telling.world.aws, "perform", telling.around_action(telling.world.aws.perform))
        dying = {name: telling.around(f"record.{name}", getattr(record, name)) for name in RECORDS}
        patch.setattr(one_pass, "record", SimpleNamespace(**vars(record) | dying))
        keep = telling.around("measurements.keep", measurements.keep)
        patch.setattr(one_pass, "measurements", SimpleNamespace(keep=keep))
        patch.setattr(passes, "advance", telling.around_pass(passes.advance))
        telling.ending = telling.tell(telling.world, telling.deployment)
        transaction.set_rollback(True)
    return telling


def every_death(story: Story, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Death], Ending]:
    """What came of each, and how the story ends undisturbed."""
    like = _moments_of(story.like, monkeypatch) if story.like else []
    world, deployment = story.begin()
    calm = _told(Telling(story, _copied(world), copy.copy(deployment)), monkeypatch)
    told = _told(Telling(story, world, deployment, calm, _same(calm.moments, like)), monkeypatch)
    assert (told.ending, told.moments) == (calm.ending, calm.moments), "the deaths changed the one who told of them"
    return told.deaths, calm.ending


def _moments_of(story: Story, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    if story not in _moments:
        with transaction.atomic():
            _moments[story] = _told(Telling(story, *story.begin()), monkeypatch).moments
            transaction.set_rollback(True)
    return _moments[story]


def _same(moments: list[str], others: list[str]) -> int:
    """How many moments at the beginning are those of the other story."""
    same = [mine == other for mine, other in zip(moments, others, strict=False)]
    return same.index(False) if False in same else 0
