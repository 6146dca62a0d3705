"""Which channels there are, and who may say so."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from deployments.telling.notifications import channels
from deployments.telling.notifications.models import NotificationChannel
from tests.delivery.engine.world import make_environment
from tests.telling.notifications.test_addresses import NOW, administrator, principal

__all__ = ["administrator"]


def add(person: User, **changes: Any) -> NotificationChannel:
    wanted = channels.Wanted(**{"name": "deploys", "kinds": ["live"]} | changes)
    return channels.add(wanted=wanted, principal=principal(person), now=NOW)


def test_only_who_has_the_right_adds_changes_and_deletes(requester: User, administrator: User) -> None:
    with pytest.raises(Refused, match="the right to add notification channels"):
        add(requester)
    channel = add(administrator)

    said: dict[str, Any] = {"channel": channel, "principal": principal(requester), "now": NOW}
    with pytest.raises(Refused, match="the right to change notification channels"):
        channels.turn_off(**said)
    with pytest.raises(Refused, match="the right to change notification channels"):
        channels.change(wanted=channels.Wanted(name="x", kinds=["live"]), **said)
    with pytest.raises(Refused, match="the right to delete notification channels"):
        channels.delete(**said)
    with pytest.raises(Refused, match="Only people may add"):
        channels.add(wanted=channels.Wanted(name="x", kinds=["live"]), principal=Principal.token("ci"), now=NOW)


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"name": " "}, "name", "Give it a name"),
        ({"name": "x" * 61}, "name", "60 is the most"),
        ({"kinds": []}, "kinds", "Choose at least one"),
        ({"kinds": ["worker_silent"]}, "kinds", "There is no kind worker_silent"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(administrator: User, changes: Any, field: str, said: str) -> None:
    with pytest.raises(Refused, match=said) as refused:
        add(administrator, **changes)

    assert refused.value.field == field


def test_a_name_is_taken_once(administrator: User) -> None:
    add(administrator)

    with pytest.raises(Refused, match="There is a channel deploys already") as refused:
        add(administrator)
    assert refused.value.field == "name"


def test_it_remembers_that_it_was_for_some_only(administrator: User) -> None:
    environment = make_environment()

    channel = add(administrator, environments=[environment])

    assert channel.is_for_some
    assert Event.objects.get(kind="notification.channel_added").data["where"] == [str(environment)]


def test_turning_it_off_and_on_and_deleting_it_is_told(administrator: User) -> None:
    channel = add(administrator, kinds=[], is_operations=True)
    said: dict[str, Any] = {"channel": channel, "principal": principal(administrator), "now": NOW}

    channels.turn_off(**said)
    with pytest.raises(Refused, match="is off already"):
        channels.turn_off(**said)
    channels.turn_on(**said)
    channels.delete(**said)

    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [f"notification.channel_{done}" for done in ("added", "turned_off", "turned_on", "deleted")]
