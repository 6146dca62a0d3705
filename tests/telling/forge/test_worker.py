"""Who tells a forge, and when: one worker at a time, and only when there is something to tell."""

from datetime import timedelta

import pytest
from django_q.models import OrmQ

from deployments import leased, tasks
from deployments.ops.errands import Errands
from deployments.record import outbox
from deployments.telling.forge import telling
from deployments.telling.forge.models import Forge, ForgeKind, ForgeRepository, ForgeTelling
from tests.delivery.engine.world import World
from tests.telling.forge.conftest import ended
from tests.telling.forge.github_server import GitHub

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def due(world: World, github: GitHub, repository: ForgeRepository) -> ForgeTelling:
    ended(world)
    outbox.deliver("worker", world.clock, lambda: False)
    return ForgeTelling.objects.get()


def asked_for() -> int:
    return sum(queued.task["func"] == "deployments.tasks.tell_forges" for queued in OrmQ.objects.all())


def test_the_heartbeat_asks_for_a_worker_when_something_is_due_and_none_is_at_it(world: World) -> None:
    now = world.clock()
    errands = Errands()
    for seconds in (0, 1):
        errands.ask(now + timedelta(seconds=seconds))
        assert asked_for() == 1

    ForgeTelling.objects.update(lease_token="another", lease_expires_at=now + timedelta(minutes=1))
    later = now + timedelta(seconds=2)
    errands.ask(later)
    assert asked_for() == 1

    ForgeTelling.objects.update(lease_expires_at=later, due_at=None)
    Errands().ask(later)
    assert asked_for() == 1


def test_what_one_worker_has_no_other_gets(world: World, due: ForgeTelling) -> None:
    assert leased.claim(ForgeTelling.objects.claimable(world.clock()), "one", world.clock())
    assert not leased.claim(ForgeTelling.objects.claimable(world.clock()), "two", world.clock())


def test_a_worker_that_lost_its_claim_tells_nothing(world: World, github: GitHub, due: ForgeTelling) -> None:
    leased.claim(ForgeTelling.objects.claimable(world.clock()), "one", world.clock())
    late = telling._Turn(due.pk, "one", world.clock)
    ForgeTelling.objects.update(lease_token="two")

    late.take()

    due.refresh_from_db()
    assert (github.deployments, due.begun, due.told) == ({}, "", "")


def test_a_worker_that_is_asked_to_stop_leaves_the_rest_for_the_next(world: World, github: GitHub) -> None:
    telling.tell("worker", world.clock, lambda: True)

    assert github.calls == []


def test_the_task_of_the_worker_tells_what_is_due(github: GitHub, due: ForgeTelling) -> None:
    github.fine_grained = "github_pat_1"
    Forge.objects.update(kind=ForgeKind.GITHUB_TOKEN)
    forge = Forge.objects.get()
    forge.secret = "github_pat_1"  # noqa: S105
    forge.save()

    tasks.tell_forges()

    due.refresh_from_db()
    assert due.told == "success"
