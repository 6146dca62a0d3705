"""Killed anywhere between claim and record: sent at least once, and marked where it may have come twice."""

from collections.abc import Callable
from typing import NoReturn

import pytest
from django.db import connection

from deployments.delivery.engine import leases
from deployments.management.commands.worker import free_the_rest
from deployments.telling.notifications.models import Message, MessageStatus
from deployments.telling.notifications.sending import carrying, claiming, recording
from deployments.telling.notifications.sending.carrying import Parcel
from deployments.telling.notifications.sending.claiming import LEASE
from tests.telling.notifications.sending.conftest import Place


class Killed(BaseException):
    """As by SIGKILL: nobody catches it."""


def until_claimed(place: Place) -> None:
    _claimed(place)
    raise Killed


def until_sent(place: Place) -> None:
    carrying.send(_claimed(place))
    raise Killed


def until_half_recorded(place: Place) -> None:
    carried = carrying.send(_claimed(place))
    with connection.execute_wrapper(_killed_at_the_address):
        recording.record(carried, "dead", place.clock())


def until_recorded(place: Place) -> None:
    recording.record(carrying.send(_claimed(place)), "dead", place.clock())
    raise Killed


def _claimed(place: Place) -> Parcel:
    (parcel,) = claiming.claim("dead", place.clock(), under_way=(), most=1)
    return parcel


def _killed_at_the_address(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
    if sql.startswith("UPDATE") and "notificationaddress" in sql:
        _die()
    return execute(sql, params, many, context)


def _die() -> NoReturn:
    raise Killed


@pytest.mark.parametrize(
    ("crash", "came", "marked"),
    [(until_claimed, 1, True), (until_sent, 2, True), (until_half_recorded, 2, True), (until_recorded, 1, False)],
)
def test_whoever_is_killed_loses_nothing_and_what_may_be_there_twice_says_so(
    place: Place, crash: Callable[[Place], None], came: int, marked: bool
) -> None:
    place.write(place.add())
    with pytest.raises(Killed):
        crash(place)

    assert place.send() == 0, "what the dead one holds is left alone until its lease is over"
    place.clock.forward(seconds=LEASE.total_seconds())
    place.send()

    message = Message.objects.get()
    assert (place.heard(), message.status, message.maybe_twice) == (["one"] * came, MessageStatus.SENT, marked)


def test_what_a_killed_worker_held_is_marked_also_where_the_next_one_frees_it_at_once(place: Place) -> None:
    place.write(place.add())
    carrying.send(_claimed(place))
    Message.objects.update(lease_token=f"{leases.host()}:no process:0123")

    free_the_rest()
    place.send()

    assert (place.heard(), Message.objects.get().maybe_twice) == (["one", "one"], True)


def test_who_was_too_slow_does_not_undo_what_the_next_one_wrote(place: Place) -> None:
    place.write(place.add())
    slow = _claimed(place)
    place.clock.forward(seconds=LEASE.total_seconds())
    place.send("next")
    place.answers(500)

    assert recording.record(carrying.send(slow), "dead", place.clock()) is False
    assert Message.objects.get().status == MessageStatus.SENT


def test_two_that_look_at_once_send_it_once(place: Place) -> None:
    place.write(place.add())
    _claimed(place)

    assert claiming.claim("another", place.clock(), under_way=(), most=9) == []
    assert claiming._claimed(Message.objects.get().pk, "another", place.clock()) is False


def test_an_address_that_is_deleted_meanwhile_takes_its_answer_with_it(place: Place) -> None:
    address = place.add()
    place.write(address)
    parcel = _claimed(place)
    address.delete()

    assert recording.record(carrying.send(parcel), "dead", place.clock()) is False
