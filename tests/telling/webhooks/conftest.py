"""Somebody who listens on loopback, and whoever sends, one request after the other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from pytest_django.fixtures import Settings
from standardwebhooks import Webhook

from config.settings import base
from deployments.people.principal import Principal
from deployments.record import outbox
from deployments.record.append import append_event
from deployments.record.models import Event
from deployments.telling.webhooks import recording, sending, subscriptions
from deployments.telling.webhooks.models import WebhookDelivery, WebhookSubscription
from deployments.telling.webhooks.subscriptions import Wanted
from tests.delivery.engine.world import Clock, World, make_world
from tests.outbound.web_server import Web, serving

OK: tuple[int, dict[str, str], bytes] = (204, {}, b"")


@dataclass
class Listener:
    """Takes all that is sent to its paths; what it answers is in `web.answers`."""

    web: Web
    world: World
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        return self.world.clock

    @property
    def principal(self) -> Principal:
        return Principal.person(self.world.approver)

    def wanted(self, name: str = "chat", **changes: Any) -> Wanted:
        said: dict[str, Any] = {
            "name": name,
            "url": f"{self.web.url}/{name}",
            "is_internal": True,
            "about": ["settings"],
        } | changes
        return Wanted(**said)

    def add(self, name: str = "chat", **changes: Any) -> WebhookSubscription:
        wanted = self.wanted(name, **changes)
        subscription, secret = subscriptions.add(wanted=wanted, principal=self.principal, now=self.clock())
        self.secrets[name] = secret
        self.web.answers[f"/{name}"] = OK
        return subscription

    def answers(self, name: str, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.web.answers[f"/{name}"] = (status, headers or {}, body)

    def deliver(self, holder: str = "teller") -> int:
        """Hand events on and send whatever is due; how many requests that were."""
        outbox.deliver("reader", self.clock, lambda: False)
        count = 0
        while parcels := sending.claim(holder, self.clock(), under_way=(), most=100):
            while parcels:
                sent = sending.send(parcels.pop(0))
                count += 1
                if recording.record(sent, holder, self.clock()):
                    parcels += sending.following(sent, holder, self.clock())
        return count

    def heard(self, name: str = "chat") -> list[dict[str, Any]]:
        """What came there, each verified as any receiver does; raises where a signature is wrong."""
        came = [(headers, body) for path, headers, body in self.web.seen if path == f"/{name}"]
        return [Webhook(self.secrets[name]).verify(body, headers) for headers, body in came]

    def ids(self, name: str = "chat") -> list[str]:
        return [headers["webhook-id"] for path, headers, _ in self.web.seen if path == f"/{name}"]

    def messages(self, name: str = "chat") -> list[str]:
        return [event["data"]["message"] for event in self.heard(name)]


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    """At the real time, which receivers compare a signature's with."""
    settings.OUTBOX_RECEIVERS = base.OUTBOX_RECEIVERS
    world = make_world(gate=False)
    world.clock.now = datetime.now(UTC)
    rights = Permission.objects.filter(codename__in=[f"{verb}_webhooksubscription" for verb in VERBS])
    world.approver.user_permissions.add(*rights)
    return world


VERBS = ("add", "change", "delete", "view")


@pytest.fixture
def listener(world: World) -> Iterator[Listener]:
    with serving(Web()) as web:
        yield Listener(web, world)


def tell(world: World, *messages: str, kind: str = "environment.adopted") -> list[Event]:
    return [append_event(world.environment, kind, message, now=world.clock()) for message in messages]


def the_delivery(**found: Any) -> WebhookDelivery:
    return WebhookDelivery.objects.select_related("subscription").get(**found)


def body_of(delivery: WebhookDelivery) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(delivery.body)
    return said
