"""Services on call and buses: told of each trouble by itself, at once, and of nothing else."""

from datetime import timedelta

import pytest

from deployments.telling.notifications.audience.told import Told
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import Message, NotificationChannel
from deployments.telling.notifications.timing.due import MOST_AN_HOUR
from deployments.telling.notifications.written import write
from tests.delivery.engine.world import NOON
from tests.telling.notifications.people import address, channel

pytestmark = pytest.mark.django_db


def tell(team: NotificationChannel, kind: Kind, key: str) -> None:
    write(Told(kind=kind, key=key, thread=key, persons=(), channels=(team,)), Content(subject=key), NOON)


def test_whoever_is_on_call_is_sent_troubles_only_and_others_everything() -> None:
    team = channel()
    for service in ("pagerduty", "opsgenie", "eventbridge", "json"):
        address(team, service=service)

    for kind in (Kind.LIVE, Kind.GATE_WAITS, Kind.STUCK, Kind.ROLLBACK_FAILED, Kind.WORKER_SILENT):
        tell(team, kind, kind.value)

    sent = {
        service: set(Message.objects.filter(address__service=service).values_list("kind", flat=True))
        for service in ("pagerduty", "opsgenie", "json")
    }
    assert sent["pagerduty"] == sent["opsgenie"] == {"stuck", "rollback_failed", "worker_silent"}
    assert len(sent["json"]) == 5


@pytest.mark.parametrize(("service", "is_held"), [("pagerduty", False), ("eventbridge", False), ("json", True)])
def test_in_a_bad_hour_an_incident_is_not_one_of_many(service: str, is_held: bool) -> None:
    team = channel()
    address(team, service=service)
    for number in range(MOST_AN_HOUR):
        tell(team, Kind.STUCK, f"earlier {number}")

    tell(team, Kind.STUCK, "one more")

    last = Message.objects.get(key="one more")
    assert (last.is_held, last.due_at > NOON + timedelta(minutes=1)) == (is_held, is_held)
