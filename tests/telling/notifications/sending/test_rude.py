"""Receivers that answer what no service does: it is written down, and it holds up nobody."""

from datetime import timedelta

import pytest

from deployments.telling.notifications.models import MessageStatus, NotificationAddress
from deployments.telling.notifications.sending import carrying, claiming, recording
from deployments.telling.notifications.services import Sent
from tests.telling.notifications.sending.conftest import Place


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": "\\u0000 no"}',
        b'{"error": "\\ud800 no"}',
        b'{"error": "\\u202eno\\u0007"}',
        b"\x00 no",
        b'{"retry_after": 1e999}',
        b'{"retry_after": 1e300}',
        b"[" * 100_000,
    ],
)
def test_what_a_rude_receiver_says_is_written_down(place: Place, body: bytes) -> None:
    message = place.write(place.add())
    place.answers(429, {}, body)

    place.send()

    message.refresh_from_db()
    assert message.said.startswith("127.0.0.1:") and message.said.isprintable()
    assert (message.status, message.lease_token, message.maybe_twice) == (MessageStatus.WAITING, "", False)


@pytest.mark.parametrize("wait", ["9" * 400, "999999999", "-5", "Fri, 31 Dec 9999 23:59:59 -2359", "soon"])
def test_no_pause_that_is_asked_for_is_longer_than_six_hours(place: Place, wait: str) -> None:
    message = place.write(place.add())
    place.answers(429, {"Retry-After": wait})
    place.send()

    place.answers(200)
    place.clock.forward(hours=6, seconds=1)
    place.send()

    message.refresh_from_db()
    assert message.status == MessageStatus.SENT


def test_what_cannot_be_written_down_is_a_failure_and_rests(place: Place) -> None:
    """An adapter's fault, such as one that is not known yet."""
    message = place.write(place.add())
    [parcel] = claiming.claim("teller", place.clock(), under_way=(), most=1)

    came = Sent(ok=False, said="no", retry_after=float("inf"))
    assert not recording.record(carrying.Carried(parcel, came), "teller", place.clock())

    message.refresh_from_db()
    assert (message.status, message.lease_token) == (MessageStatus.WAITING, "")
    assert message.due_at - place.clock() >= timedelta(seconds=4)
    assert NotificationAddress.objects.get().failing_since == place.clock()


def test_what_came_through_is_not_sent_again_because_of_what_was_said_of_it(place: Place) -> None:
    message = place.write(place.add())
    [parcel] = claiming.claim("teller", place.clock(), under_way=(), most=1)

    came = Sent(ok=True, said="yes", reference={"ts": object()})
    assert recording.record(carrying.Carried(parcel, came), "teller", place.clock())

    message.refresh_from_db()
    assert (message.status, message.reference) == (MessageStatus.SENT, {})
    assert message.said == "What json said of it could not be written down (TypeError)."
    assert NotificationAddress.objects.get().delivered_at == place.clock()
