"""Whoever sends webhooks beside the worker's tasks: a receiver that hangs keeps nobody else waiting."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError

from deployments.ops import woken
from deployments.ops.worker import teller
from deployments.ops.worker.teller import Teller
from deployments.outbound.messaging import posting
from deployments.record import outbox
from deployments.telling.notifications.models import Message
from deployments.telling.webhooks import deliveries
from deployments.telling.webhooks.models import DeliveryStatus, WebhookDelivery
from tests.telling.notifications.sending.conftest import Place
from tests.telling.webhooks.conftest import Listener, listener, tell, world

__all__ = ["listener", "world"]


@pytest.fixture
def sender(listener: Listener) -> Iterator[Teller]:
    sender = Teller("teller", listener.clock)
    yield sender
    listener.web.over.set()
    sender.end(5)


def turns(sender: Teller, listener: Listener, count: int = 6, until: Callable[[], bool] | None = None) -> None:
    """So many, or as many as it takes: a busy machine starts threads late."""
    outbox.deliver("reader", listener.clock, lambda: False)
    for _ in range(200 if until else count):
        if until and until():
            return
        sender.turn(0.1)


def test_a_receiver_that_hangs_keeps_no_other_webhook_waiting(listener: Listener, sender: Teller) -> None:
    listener.add("stuck")
    del listener.web.answers["/stuck"]
    listener.add("chat")
    tell(listener.world, "one", "two", "three")

    turns(sender, listener, until=lambda: listener.messages("chat") == ["one", "two", "three"])

    assert listener.messages("chat") == ["one", "two", "three"]
    assert listener.messages("stuck") == ["one"]


def test_a_service_that_hangs_keeps_neither_webhooks_nor_other_messages(
    listener: Listener, sender: Teller, outsider: User
) -> None:
    listener.add("chat")
    place = Place(listener.web, outsider, listener.clock)
    stuck, room = place.add("stuck"), place.add("room")
    del listener.web.answers["/stuck"]
    for address in (stuck, room):
        place.write(address, "live")
    tell(listener.world, "one", "two")
    posting.prepare()
    others = {stuck.pk: "WAITING", room.pk: "SENT"}

    turns(
        sender, listener,
        until=lambda: listener.messages("chat") == ["one", "two"]
        and dict(Message.objects.values_list("address", "status")) == others,
    )  # fmt: skip

    assert (listener.messages("chat"), place.heard("room")) == (["one", "two"], ["live"])
    assert dict(Message.objects.values_list("address", "status")) == others


def test_it_looks_at_once_when_events_were_handed_on(sender: Teller) -> None:
    woken.wake()

    assert sender.turn(3600)
    assert not woken.taken()


def test_it_takes_no_more_of_one_webhook_than_its_share(listener: Listener, sender: Teller) -> None:
    subscription = listener.add("stuck")
    del listener.web.answers["/stuck"]
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            subscription=subscription, chain=f"chain {number}", message_id=f"evt_{number}", kind="x", body="{}",
            made_at=listener.clock(), due_at=listener.clock(),
        )
        for number in range(9)
    )  # fmt: skip

    turns(sender, listener, 2)

    assert WebhookDelivery.objects.filter(lease_token="teller").count() == 4


def test_one_that_is_asked_to_end_writes_down_what_comes_back(listener: Listener, sender: Teller) -> None:
    listener.add("chat")
    tell(listener.world, "one", "two")
    outbox.deliver("reader", listener.clock, lambda: False)
    sender._begin()

    sender.end(5)

    statuses = WebhookDelivery.objects.order_by("number").values_list("status", flat=True)
    assert list(statuses) == [DeliveryStatus.DELIVERED, DeliveryStatus.WAITING]


@pytest.mark.django_db(transaction=True)
def test_it_runs_until_it_is_over_whatever_fails_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teller, "LOOK_EVERY", 0.01)
    over, failures = threading.Event(), [ValueError("a fault of ours"), OperationalError("the database is away")]
    genuine = deliveries.purge

    def purge(now: datetime) -> int:
        if failures:
            raise failures.pop()
        over.set()
        return genuine(now)

    monkeypatch.setattr(deliveries, "purge", purge)
    runs = threading.Thread(target=teller.run, args=(over.is_set,))
    runs.start()
    runs.join(10)

    assert (runs.is_alive(), failures) == (False, [])
