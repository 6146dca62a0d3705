"""A clock that was ahead for a while: nothing waits until the time that it was."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.utils.timezone import now as real_now

from deployments.catalog.models import SelfRegistration
from deployments.delivery.models import Deployment
from deployments.ops import set_back
from deployments.ops.errands import Errands
from deployments.record import outbox
from deployments.record.append import append_event
from deployments.record.models import Outbox
from deployments.telling.forge.models import Forge
from deployments.telling.webhooks.models import WebhookDelivery, WebhookSubscription
from tests.catalog.self_registering.registry import make_registry
from tests.delivery.engine.world import make_world

AHEAD = timedelta(hours=7)
#: when something is to be done, or until when somebody has it for himself
_WAITS = ("due_at", "rests_until", "claimed_until", "lease_expires_at")


@pytest.mark.django_db
def test_what_goes_out_and_comes_in_is_due_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = make_registry(monkeypatch)
    registry.switch_on()
    now = real_now()
    event = append_event(registry.application, "application.changed", "one", now=now + AHEAD)
    outbox_row = {"due_at": now + AHEAD, "lease_token": "killed", "lease_expires_at": now + AHEAD}
    Outbox.objects.update_or_create(event=event, defaults=outbox_row)
    hook = WebhookSubscription.objects.create(name="chat", url="https://h", made_at=now, on_since=now + AHEAD)
    WebhookDelivery.objects.create(
        subscription=hook, event=event, chain="c", message_id="m", kind="k", body="{}", made_at=now + AHEAD,
        due_at=now + AHEAD, lease_token="killed", lease_expires_at=now + AHEAD,
    )  # fmt: skip
    Forge.objects.create(name="GitHub", rests_until=now + AHEAD)
    SelfRegistration.objects.update(due_at=now + AHEAD, claimed_until=now + AHEAD)

    set_back.bring_back(now)

    soon = now + timedelta(minutes=2)
    assert outbox.waiting(soon) == (event.pk, now)
    assert WebhookDelivery.objects.claimable(soon).exists()
    assert WebhookSubscription.objects.get().on_since == Forge.objects.get().rests_until == now
    assert SelfRegistration.objects.due(soon).exists()


def test_no_table_that_waits_is_left_out() -> None:
    known = {(rows.model, column) for rows, column in set_back.WAITING}
    known |= {(rows.model, "lease_expires_at") for rows in (*set_back.LEASED, Deployment.objects.all())}
    known |= {(SelfRegistration, "claimed_until")}
    there = {
        (model, field.name)
        for model in apps.get_app_config("deployments").get_models()
        for field in model._meta.get_fields()
        if field.name in _WAITS
    }

    assert there - known == set()


@pytest.mark.django_db
def test_the_heartbeat_asks_about_errands_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from deployments import tasks
    from deployments.ops.models import Heartbeat

    make_world(gate=False)
    now = real_now()
    heart = tasks.Heart("mine")
    assert heart.beat(now + AHEAD) is not None
    heart.beat(now)

    assert isinstance(heart._errands, Errands)
    assert set(heart._errands._asked.values()) == {now}
    assert Heartbeat.objects.get().beat_at == now
