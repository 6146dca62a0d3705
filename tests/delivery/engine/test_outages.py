"""The database goes away in the middle of a pass: nothing is lost of it, and the next try goes on."""

import itertools
from collections.abc import Callable

import pytest
from django.db import OperationalError, transaction

from deployments.delivery.engine import leases, passes
from deployments.delivery.models import Deployment
from tests.delivery.engine.world import World, make_world
from tests.outages import away

pytestmark = pytest.mark.django_db

#: An outage begins at every so manieth statement of a whole canary.
EVERY = 13


def advance(world: World, deployment: Deployment, is_away: Callable[[], bool]) -> Deployment:
    """A pass as a task makes it: after an outage it gives back what it held, and tries again."""
    holder = leases.token()
    try:
        with away(is_away):
            passes.advance([deployment.pk], world.clock, lambda binding: world.aws, holder=holder)
    except OperationalError:
        transaction.set_rollback(False)  # of the test's own transaction; what was committed stays
        leases.give_back(holder)
        passes.advance([deployment.pk], world.clock, lambda binding: world.aws, holder=holder)
    deployment.refresh_from_db()
    return deployment


def told_with_an_outage_at(statement: int) -> tuple[str, list[tuple[str, str]], int]:
    """How a canary ends, its events, and how many statements it takes; an outage at a negative one never comes."""
    world, count = make_world(gate=False), itertools.count()
    deployment = world.request()
    while not advance(world, deployment, lambda: next(count) == statement).is_terminal:
        assert not deployment.lease_token
        world.clock.now = max(world.clock.now, deployment.next_check_at or world.clock.now)
    events = [(event.kind, event.message) for event in deployment.events.all()]
    transaction.set_rollback(True)
    return deployment.status, events, next(count)


def test_an_outage_at_any_moment_changes_nothing_of_how_a_deployment_ends() -> None:
    with transaction.atomic():
        status, events, statements = told_with_an_outage_at(-1)
    assert status == "SUCCESSFUL"

    for begins in range(0, statements, EVERY):
        with transaction.atomic():
            found = told_with_an_outage_at(begins)
        assert found[:2] == (status, events), f"an outage at statement {begins}"
