"""A failed roll back at PagerDuty: one incident from the failure to its mending, however much is told meanwhile."""

import json
from collections.abc import Iterator

import pytest

from deployments.delivery.models import Deployment
from deployments.record.append import append_event
from deployments.telling.notifications.receiving import take
from deployments.telling.notifications.sending import carrying, claiming, recording
from deployments.vocabulary import Status
from tests.delivery.engine.world import World, make_world
from tests.outbound.web_server import Web, serving
from tests.telling.notifications.people import address, channel

pytestmark = pytest.mark.django_db
PATH = "/v2/enqueue"


@pytest.fixture
def pager() -> Iterator[Web]:
    with serving(Web(answers={PATH: (202, {}, b"{}")})) as found:
        url = f"pagerduty://key/?endpoint={found.url}{PATH}"
        address(channel("on call"), service="pagerduty", url=url, is_internal=True)
        yield found


def happen(world: World, deployment: Deployment, *kinds: str) -> None:
    """Each is told twice, since the outbox tells at least once, and sent."""
    for kind in kinds:
        world.clock.forward(minutes=1)
        event = append_event(deployment, kind, f"It is {kind}.", now=world.clock())
        take(event, world.clock())
        take(event, world.clock())
        while parcels := claiming.claim("teller", world.clock(), under_way=(), most=9):
            for parcel in parcels:
                recording.record(carrying.send(parcel), "teller", world.clock())


def heard(pager: Web) -> list[tuple[str, str]]:
    events = [json.loads(body) for _, _, body in pager.seen]
    return [(event["event_action"], event["dedup_key"].partition("/")[2]) for event in events]


def test_a_failed_roll_back_is_one_incident_until_it_is_mended(pager: Web) -> None:
    world = make_world()
    deployment = world.request()

    happen(world, deployment, "deployment.rollback_started", "deployment.rollback_failed")
    happen(world, deployment, "deployment.rollback_retried", "deployment.rollback_failed")
    happen(world, deployment, "deployment.rollback_retried", "deployment.rollback_successful")

    actions = [action for action, _ in heard(pager)]
    assert actions[:3] == ["trigger", "acknowledge", "trigger"] and actions[-1] == "resolve"
    assert set(actions[3:-1]) <= {"acknowledge", "resolve"}
    assert {key for _, key in heard(pager)} == {f"rollback:deployment:{deployment.pk}"}


def test_the_next_release_that_is_live_resolves_it(pager: Web) -> None:
    world = make_world()
    failed = world.request()
    happen(world, failed, "deployment.rollback_failed")
    Deployment.objects.filter(pk=failed.pk).update(status=Status.ROLLBACK_FAILED)

    happen(world, world.request(), "deployment.successful")

    key = f"rollback:deployment:{failed.pk}"
    assert heard(pager) == [("trigger", key), ("resolve", key)]


def test_a_stuck_environment_is_one_incident_until_it_moves_on(pager: Web) -> None:
    world = make_world()
    deployment = world.request()

    happen(world, deployment, "deployment.stuck", "deployment.unwatched", "stage.succeeded")

    key = f"stuck:environment:{world.environment.pk}"
    assert heard(pager) == [("trigger", key), ("resolve", key)]
