"""Rows are locked in one order everywhere, so that a click and the engine never wait for each other in a circle."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from deployments.catalog import environments
from deployments.delivery import approvals, turning_back, warm_time
from deployments.people.principal import Principal
from deployments.vocabulary import Stage
from tests.delivery.engine.world import World, make_world, person
from tests.fakes.aws import SHOP

pytestmark = pytest.mark.django_db

#: the deployment before its gate, the environment, and the chain of events last
ORDER = ("deployment", "gate", "environment", "eventchain")
_LOCKED = re.compile(r'^UPDATE "deployments_(\w+)"')


class Locks:
    """The tables whose rows the transaction under way has locked; tests' transactions are savepoints."""

    def __init__(self) -> None:
        self.depth = 0
        self.held: list[str] = []
        self.seen: set[tuple[str, ...]] = set()

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SAVEPOINT"):
            self.depth += 1
        elif sql.startswith(("RELEASE SAVEPOINT", "ROLLBACK TO")):
            self.depth -= not sql.startswith("ROLLBACK")
            if not self.depth:
                self.seen.add(tuple(self.held))
                self.held = []
        elif (locked := _LOCKED.match(sql)) and locked[1] in ORDER and locked[1] not in self.held:
            self.held.append(locked[1])
        return execute(sql, params, many, context)


@pytest.fixture
def locks() -> Iterator[Locks]:
    watching = Locks()
    with connection.execute_wrapper(watching):
        yield watching


def approved(world: World) -> None:
    deployment = world.run(world.request())
    world.approve(deployment)
    world.run(deployment, until=Stage.CLEAN_UP)
    world.advance(deployment)
    warm_time.extend(deployment=deployment, principal=Principal.person(world.requester), minutes=5, now=world.clock())
    warm_time.finish_now(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)


def rejected(world: World) -> None:
    deployment = world.run(world.request())
    approvals.reject(
        gate=deployment.gates.get(), principal=Principal.person(world.approver), comment="typo", now=world.clock()
    )
    world.run(deployment)


def expired(world: World) -> None:
    deployment = world.run(world.request())
    world.clock.forward(hours=2)
    world.run(deployment)


def stopped_at_the_gate(world: World) -> None:
    deployment = world.run(world.request())
    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)


def stopped_before_anything(world: World) -> None:
    deployment = world.request()
    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)


def not_rolled_back_at_once(world: World) -> None:
    deployment = world.run(world.request())
    world.aws.set_weights(SHOP.production_rule, {SHOP.target_group("blue") + "x": 1})
    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)
    turning_back.retry_roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())


def locked(world: World) -> None:
    locker = person("locker", "lock_environment")
    environments.lock(environment=world.environment, principal=Principal.person(locker), message="x", now=world.clock())
    environments.unlock(environment=world.environment, principal=Principal.person(locker), now=world.clock())


@pytest.mark.parametrize(
    "story",
    [
        approved,
        rejected,
        expired,
        stopped_at_the_gate,
        stopped_before_anything,
        not_rolled_back_at_once,
        locked,
    ],
    ids=lambda story: story.__name__,
)
def test_every_transaction_locks_in_one_order(story: Callable[[World], None], locks: Locks) -> None:
    story(make_world())

    assert [held for held in locks.seen if list(held) != sorted(held, key=ORDER.index)] == []
    assert all("deployment" in held for held in locks.seen if "gate" in held)
    assert any(len(held) > 1 for held in locks.seen)
