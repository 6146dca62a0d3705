"""A trouble at PagerDuty and Opsgenie: one incident from the failure to its mending, however much is told meanwhile."""

from collections.abc import Iterator

import pytest

from deployments.delivery.models import Deployment
from deployments.ops.alerts.keeping import Found, keep
from deployments.record.append import append_event
from deployments.telling.notifications.kinds import Kind
from deployments.vocabulary import Status
from tests.delivery.engine.world import NOON, Clock, World, make_world
from tests.telling.notifications.services.pagers import Pagers, pagers

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_call() -> Iterator[Pagers]:
    with pagers(is_operations=True) as found:
        yield found


def happen(on_call: Pagers, world: World, deployment: Deployment, *kinds: str) -> None:
    for kind in kinds:
        world.clock.forward(minutes=1)
        on_call.tell([append_event(deployment, kind, f"It is {kind}.", now=world.clock())], world.clock)


def test_a_failed_roll_back_is_one_incident_until_it_is_mended(on_call: Pagers) -> None:
    world = make_world()
    deployment = world.request()

    happen(on_call, world, deployment, "deployment.rollback_started", "deployment.rollback_failed")
    happen(on_call, world, deployment, "deployment.rollback_retried", "deployment.rollback_failed")
    happen(on_call, world, deployment, "deployment.rollback_retried", "deployment.rollback_successful")

    for heard in on_call.pagerduty, on_call.opsgenie:
        actions = [action for action, _ in heard]
        assert actions[:3] == ["trigger", "acknowledge", "trigger"] and actions[-1] == "resolve"
        assert set(actions[3:-1]) <= {"acknowledge", "resolve"}
        assert {key for _, key in heard} == {f"rollback:deployment:{deployment.pk}"}


def test_the_next_release_that_is_live_resolves_it(on_call: Pagers) -> None:
    world = make_world()
    failed = world.request()
    happen(on_call, world, failed, "deployment.rollback_failed")
    Deployment.objects.filter(pk=failed.pk).update(status=Status.ROLLBACK_FAILED)

    happen(on_call, world, world.request(), "deployment.successful")

    key = f"rollback:deployment:{failed.pk}"
    assert on_call.pagerduty == on_call.opsgenie == [("trigger", key), ("resolve", key)]


def test_a_stuck_environment_is_one_incident_until_it_moves_on(on_call: Pagers) -> None:
    world = make_world()
    deployment = world.request()

    happen(on_call, world, deployment, "deployment.stuck", "deployment.unwatched", "stage.succeeded")

    key = f"stuck:environment:{world.environment.pk}"
    assert on_call.pagerduty == on_call.opsgenie == [("trigger", key), ("resolve", key)]


def test_what_is_wrong_with_tealgate_is_one_incident_until_it_is_well(on_call: Pagers) -> None:
    clock, kinds = Clock(NOON), (Kind.CERTIFICATE_ENDS,)
    found = Found(kind=Kind.CERTIFICATE_ENDS, about="shop.example.com:443", said="It ends.", since=NOON, step=14)

    for seen in [found], [found], [], []:
        clock.forward(minutes=1)
        on_call.tell(keep(seen, kinds=kinds, now=clock()), clock)

    key = "operations:certificate_ends:shop.example.com:443"
    assert on_call.pagerduty == on_call.opsgenie == [("trigger", key), ("resolve", key)]
