"""The database is put back to an earlier moment of a deployment that has come to its end on AWS meanwhile.

Whatever shifts the traffic, it looks first: what AWS has done is not done again, and the release that runs stays.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.db import transaction

from deployments.aws.actions import Action
from deployments.delivery.engine import passes
from deployments.delivery.models import Deployment
from deployments.vocabulary import Stage, Status
from tests.delivery.engine import express_world as express
from tests.delivery.engine import rolling_world as rolling
from tests.delivery.engine import servers_world as servers
from tests.delivery.engine import shifting_world as shifting
from tests.delivery.engine.crashing import Story, run, until
from tests.delivery.engine.left_behind import FREED
from tests.delivery.engine.world import World

pytestmark = pytest.mark.django_db


def _approve(world: World, deployment: Deployment) -> None:
    world.approve(deployment)


def _ecs_ends(world: World, deployment: Deployment) -> None:
    world.aws.ecs_ends()


def _codedeploy_ends(world: World, deployment: Deployment) -> None:
    number = next(reversed(world.aws.codedeploy))
    world.aws.codedeploy[number] = replace(world.aws.codedeploy[number], status="Succeeded")


def _code_deploy_world() -> World:
    """What CodeDeploy waits for at its end is a bake, which is watched again."""
    world = shifting.make_code_deploy_world()
    groups = world.aws.codedeploy_groups
    groups["shop", "web"] = replace(groups["shop", "web"], termination_minutes=1)
    return world


_STARTED, _BAKING = until(Stage.SCALE_UP), until(Stage.BAKE_TIME)
#: Stages before the first write that is the release's.
NOT_YET_WRITTEN = (Stage.PRE_SCALE_UP,)
#: By controller, from the request to its success.
STORIES = (
    Story("rolling", lambda: rolling.make_rolling_world(bake_seconds=1), "ROLLING", (run,)),
    Story("ecs", shifting.make_native_world, "BLUE_GREEN", (_STARTED, shifting.ecs_bakes, _BAKING, _ecs_ends, run)),
    Story(
        "codedeploy",
        _code_deploy_world,
        "AllAtOnce",
        (_STARTED, shifting.code_deploy_bakes, _BAKING, _codedeploy_ends, run),
    ),
    Story(
        "express_mode",
        express.make_express_world,
        "CANARY",
        (run, _approve, _STARTED, express.ecs_has_shifted(5), express.ecs_bakes, _BAKING, express.ecs_ends, run),
    ),
    Story("servers", servers.make_servers_world, "GROUP_CONFIG", (servers.told, servers.installs, run)),
)


class Restored:
    def __init__(self, stage: str, deployment: Deployment, written: list[Action]) -> None:
        self.stage, self.written = stage, written
        self.status, self.reason = deployment.status, deployment.status_reason


class Restoring:
    """Told with a dump after each pass that came to another stage, each put back once all is over."""

    def __init__(self, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
        self._steps = story.steps
        self._world, self._deployment = story.begin()
        self._advance = passes.advance
        self._at, self._is_dumping = 0, False
        self.restored: dict[str, Restored] = {}
        monkeypatch.setattr(passes, "advance", self._pass)

    def tell(self) -> dict[str, Restored]:
        for at, step in enumerate(self._steps):
            self._at = at
            step(self._world, self._deployment)
        assert Deployment.objects.get().status == Status.SUCCESSFUL
        return self.restored

    def _pass(self, *words: object) -> None:
        self._advance(*words)  # type: ignore[arg-type]
        row = Deployment.objects.get()
        if not (self._is_dumping or row.is_terminal or row.stage in self.restored):
            self._is_dumping = True
            self.restored[row.stage] = self._put_back(row.stage)
            self._is_dumping = False

    def _put_back(self, stage: str) -> Restored:
        """What the rows of now make of what AWS is at the end."""
        world = copy.deepcopy(self._world)
        with self._as_dumped() as deployment:
            for step in self._steps[self._at :]:
                step(world, deployment)
            assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
        world.clock.forward(minutes=20)
        before = len(world.aws.performed)
        with self._as_dumped() as deployment:
            world.run(deployment)
        return Restored(stage, deployment, world.aws.performed[before:])

    @contextmanager
    def _as_dumped(self) -> Iterator[Deployment]:
        with transaction.atomic():
            Deployment.objects.update(**FREED)
            yield Deployment.objects.get()
            transaction.set_rollback(True)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_who_is_put_back_looks_first_and_writes_nothing_again(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    restored = Restoring(story, monkeypatch).tell()

    ended = {stage: (each.status, each.written) for stage, each in restored.items() if stage not in NOT_YET_WRITTEN}
    assert ended == dict.fromkeys(ended, (Status.SUCCESSFUL, []))
    assert Stage.BAKE_TIME in ended and len(ended) >= 2


def test_one_that_had_written_nothing_yet_takes_its_release_for_somebody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows do not know of it. What runs is left alone, and said."""
    [story] = (each for each in STORIES if each.name == "express_mode")

    put_back = Restoring(story, monkeypatch).tell()[Stage.PRE_SCALE_UP]

    assert (put_back.status, put_back.written) == (Status.STOPPED, [])
    assert "landing runs landing:2, which is not landing:1" in put_back.reason
