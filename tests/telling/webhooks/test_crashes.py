"""Killed anywhere between claim and record: sent at least once, with one id, in order."""

from datetime import timedelta
from typing import NoReturn

import pytest
from django.db import connection

from deployments.record import outbox
from deployments.telling.webhooks import recording, sending
from deployments.telling.webhooks.models import DeliveryStatus, WebhookDelivery
from deployments.telling.webhooks.sending import LEASE, Parcel
from tests.telling.webhooks.conftest import Listener, tell, the_delivery


class Killed(BaseException):
    """As by SIGKILL: nobody catches it."""


def until_claimed(listener: Listener) -> None:
    _claimed(listener)
    raise Killed


def until_sent(listener: Listener) -> None:
    sending.send(_claimed(listener))
    raise Killed


def until_half_recorded(listener: Listener) -> None:
    sent = sending.send(_claimed(listener))
    with connection.execute_wrapper(_killed_at_the_second_write):
        recording.record(sent, "dead", listener.clock())


def until_recorded(listener: Listener) -> None:
    recording.record(sending.send(_claimed(listener)), "dead", listener.clock())
    raise Killed


def _claimed(listener: Listener) -> Parcel:
    outbox.deliver("reader", listener.clock, lambda: False)
    (parcel,) = sending.claim("dead", listener.clock(), under_way=(), most=1)
    return parcel


def _killed_at_the_second_write(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
    if sql.startswith("UPDATE") and "webhooksubscription" in sql:
        _die()
    return execute(sql, params, many, context)


def _die() -> NoReturn:
    raise Killed


@pytest.mark.parametrize(
    ("crash", "came"),
    [
        (until_claimed, ["one", "two"]),
        (until_sent, ["one", "one", "two"]),
        (until_half_recorded, ["one", "one", "two"]),
        (until_recorded, ["one", "two"]),
    ],
)
def test_whoever_is_killed_loses_nothing_and_repeats_it_with_the_same_id(
    listener: Listener, crash: object, came: list[str]
) -> None:
    listener.add()
    tell(listener.world, "one", "two")
    with pytest.raises(Killed):
        crash(listener)  # type: ignore[operator]

    listener.deliver()  # what the dead one holds is left alone until its lease is over
    listener.clock.forward(seconds=LEASE.total_seconds())
    listener.deliver()

    assert listener.messages() == came
    assert len(set(listener.ids())) == 2
    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {DeliveryStatus.DELIVERED}


def test_who_was_too_slow_does_not_undo_what_the_next_one_wrote(listener: Listener) -> None:
    listener.add()
    tell(listener.world, "one")
    slow = _claimed(listener)
    listener.clock.forward(seconds=LEASE.total_seconds())
    listener.deliver("next")
    listener.answers("chat", 500)

    assert recording.record(sending.send(slow), "dead", listener.clock()) is False
    assert (the_delivery().status, the_delivery().response_status) == (DeliveryStatus.DELIVERED, 204)


def test_two_that_look_at_once_send_it_once(listener: Listener) -> None:
    listener.add()
    tell(listener.world, "one", "two")
    _claimed(listener)

    assert sending.claim("another", listener.clock(), under_way=(), most=9) == []
    assert sending._claimed(the_delivery(number=1).pk, "another", listener.clock()) is False


def test_thousands_of_events_of_a_week_end_wait_in_order(listener: Listener) -> None:
    """None is lost, and neither the look for what is due nor a step takes longer for their number."""
    subscription = listener.add()
    (event,) = tell(listener.world, "one")
    listener.answers("chat", 503)
    listener.deliver()
    first = the_delivery()
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            subscription=subscription, chain=first.chain, number=number, message_id=f"evt_{number}", kind="x",
            body="{}", made_at=first.made_at, due_at=first.made_at,
        )
        for number in range(2, 2_001)
    )  # fmt: skip
    listener.clock.now = first.due_at - timedelta(seconds=1)
    assert listener.deliver() == 0

    listener.clock.forward(seconds=1)
    listener.answers("chat", 204)
    parcels = sending.claim("teller", listener.clock(), under_way=(), most=9)
    for _ in range(20):
        (parcel,) = parcels
        sent = sending.send(parcel)
        assert recording.record(sent, "teller", listener.clock())
        parcels = sending.following(sent, "teller", listener.clock())

    assert listener.ids()[1:] == [first.message_id, *(f"evt_{number}" for number in range(2, 21))]
