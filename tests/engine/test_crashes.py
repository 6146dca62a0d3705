"""The crash table: a worker dies before and after every write, on AWS and in the database, and the next one goes on.

A story is run once undisturbed; every write it makes is a checkpoint with two moments, before and after.
Then it is run again for each of them, dying there, and AWS and the event log have to end up the same.
New actions join the table by being performed in a story.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from deployments.aws.actions import Action
from deployments.aws.fake import SHOP
from deployments.engine import passes, record
from deployments.models import Deployment
from deployments.services import deployments as services
from deployments.vocabulary import Stage
from tests.engine.world import World, make_world

pytestmark = pytest.mark.django_db

RECORDS = (
    "started", "intended", "acted", "noted", "probed", "waited", "measured",
    "gate_opened", "gate_expired", "advanced", "turned_back", "ended", "captured",
)  # fmt: skip


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
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self.moment(f"before {name}")
            result = call(*args, **kwargs)
            self.moment(f"after {name}")
            return result

        return wrapped


Story = Callable[[World], Deployment]


def _everything(world: World) -> Deployment:
    """Migration, gate, canary, bake, clean-up."""
    deployment = _run(world, world.request())
    world.approve(deployment)
    return _run(world, deployment)


def _turned_back_by_an_alarm(world: World) -> Deployment:
    deployment = _run(world, world.request())
    world.approve(deployment)
    _run(world, deployment, until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    world.aws.alarm(SHOP.alarm, "ALARM", "Threshold Crossed")
    return _run(world, deployment)


def _rolled_back_while_warm(world: World) -> Deployment:
    deployment = _run(world, world.request())
    world.approve(deployment)
    _run(world, deployment, until=Stage.CLEAN_UP)
    services.roll_back(deployment=deployment, person=world.requester, now=world.clock())
    return _run(world, deployment)


def _stopped_while_the_source_is_scaled_down(world: World) -> Deployment:
    """The source grew meanwhile, so the target does too; then the way back has to warm the source again."""
    deployment = _run(world, world.request())
    world.aws.ecs[SHOP.cluster, "shop-blue"].update(task_definition=None, desired=3, lag=0)
    world.approve(deployment)
    world.aws.ecs[SHOP.cluster, "shop-blue"].running = 3
    _run(world, deployment, until=Stage.CLEAN_UP)
    services.finish_now(deployment=deployment, person=world.requester, now=world.clock())
    while "scale_down" not in deployment.facts["done"]:
        world.aws.scale_after = 9
        _step(world, deployment)
    services.stop(deployment=deployment, person=world.requester, now=world.clock())
    return _run(world, deployment)


def _expired(world: World) -> Deployment:
    deployment = _run(world, world.request())
    world.clock.forward(minutes=61)
    return _run(world, deployment)


def _migration_failed(world: World) -> Deployment:
    world.aws.exit_code = 1
    return _run(world, world.request())


STORIES: tuple[Story, ...] = (
    _everything,
    _turned_back_by_an_alarm,
    _rolled_back_while_warm,
    _stopped_while_the_source_is_scaled_down,
    _expired,
    _migration_failed,
)


def _run(world: World, deployment: Deployment, *, until: str = "") -> Deployment:
    """Like a worker that is started again after its death: it frees the dead one's lease and goes on."""
    while True:
        try:
            return world.run(deployment, until=until)
        except Killed:
            Deployment.objects.update(lease_token="", lease_expires_at=None)
            deployment.refresh_from_db()


def _step(world: World, deployment: Deployment) -> None:
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
    weights: tuple[tuple[str, float], ...]
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
        weights=tuple(
            (f"{arn}/{slot}", aws.rules[arn].share(SHOP.target_group(slot)))
            for arn in (SHOP.production_rule, SHOP.test_rule)
            for slot in ("blue", "green")
        ),
        services=tuple((s.name, s.task_definition, s.desired) for s in aws.ecs.values()),
        scaling=tuple((name, target.suspended) for name, target in aws.scaling.items()),
        revisions=len(aws.task_definitions),
        one_off_tasks=len(aws.one_off),
    )


def _tell(story: Story, reaper: Reaper, monkeypatch: pytest.MonkeyPatch) -> Ending:
    """Run the story in a transaction of its own that is undone afterwards."""
    with transaction.atomic(), monkeypatch.context() as patch:
        world = make_world(canary_bake_seconds=2, bake_seconds=2)
        world.environment.one_off_tasks.create(command="python manage.py migrate")
        perform = world.aws.perform

        def performing(action: Action) -> dict[str, Any]:
            made: dict[str, Any] = reaper.around(action.operation, perform)(action)
            return made

        patch.setattr(world.aws, "perform", performing)
        dying = {name: reaper.around(f"record.{name}", getattr(record, name)) for name in RECORDS}
        patch.setattr(passes, "record", SimpleNamespace(**vars(record) | dying))
        ending = _ending(world, story(world))
        transaction.set_rollback(True)
    return ending


def _every_death(story: Story, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Ending, Ending]]:
    calm = Reaper()
    undisturbed = _tell(story, calm, monkeypatch)
    for number, name in list(enumerate(calm.moments))[_told_before(story, calm.moments, monkeypatch) :]:
        yield f"{number}: {name}", _tell(story, Reaper(at=number), monkeypatch), undisturbed


def _told_before(story: Story, moments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """How many moments at the beginning are those of the first story, which dies at each of them itself."""
    if story is STORIES[0]:
        return 0
    first = Reaper()
    _tell(STORIES[0], first, monkeypatch)
    same = [mine == other for mine, other in zip(moments, first.moments, strict=False)]
    return same.index(False) if False in same else 0


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.strip("_"))
def test_a_worker_may_die_at_any_moment(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    deaths = 0

    for moment, ending, undisturbed in _every_death(story, monkeypatch):
        assert ending == undisturbed, f"killed {moment}"
        deaths += 1

    assert deaths >= 2


def test_every_function_that_records_is_in_the_table() -> None:
    public = {
        name
        for name, thing in vars(record).items()
        if callable(thing) and getattr(thing, "__module__", "") == record.__name__ and not name.startswith("_")
    }
    assert public - {"Lost", "troubled"} == set(RECORDS)
