"""An agent opens its own locks, and those of others only where they said so."""

import pytest

from deployments.catalog import environments
from deployments.catalog.models import Environment
from deployments.people.principal import Principal
from deployments.record.models import Event
from tests.api.test_agents import agent
from tests.api.test_door import problem
from tests.delivery.engine.world import NOON, World

LOCK = "/environments/shop/production/lock"


def locked(world: World, *, agents_may_open: bool = False) -> None:
    environments.lock(
        environment=world.environment, principal=Principal.person(world.approver), message="Freeze", now=NOON,
        agents_may_open=agents_may_open,
    )  # fmt: skip


@pytest.fixture
def world(world: World) -> World:
    world.approver.is_superuser = True
    world.approver.save()
    return world


def test_an_agent_opens_no_lock_that_a_person_has_set_and_is_told_who_may(world: World) -> None:
    locked(world)

    said = problem(agent(world).delete(LOCK))

    assert said["status"] == 403
    assert said["detail"].startswith("shop/production is locked by approver since")
    assert "Freeze. No agent opens a lock that somebody else has set" in said["detail"]
    assert Environment.objects.get(pk=world.environment.pk).is_locked


def test_an_agent_opens_a_lock_that_a_person_has_set_so(world: World) -> None:
    locked(world, agents_may_open=True)
    robin = agent(world)
    assert robin.get("/environments/shop/production").json()["lock"]["agents_may_open"] is True

    assert robin.delete(LOCK).json()["lock"] is None
    assert Event.objects.get(kind="environment.locked").message == "Locked, and agents may open it: Freeze"


def test_that_is_said_of_one_lock_and_of_no_later_one(world: World) -> None:
    locked(world, agents_may_open=True)
    # An earlier version, which knows nothing of it, opens it and locks it once more.
    Environment.objects.update(locked_at=world.clock.now.replace(year=2030))

    assert problem(agent(world).delete(LOCK))["status"] == 403


def test_an_agent_opens_no_lock_of_its_owner_on_a_page_either(world: World) -> None:
    Environment.objects.update(locked_at=NOON, locked_by=world.requester, lock_message="Freeze")

    assert problem(agent(world).delete(LOCK))["status"] == 403


def test_a_lock_through_the_api_says_whether_agents_may_open_it(world: World) -> None:
    robin = agent(world)
    made = robin.put(LOCK, {"message": "freeze", "agents_may_open": True}).json()

    assert made["lock"]["agents_may_open"] is True
