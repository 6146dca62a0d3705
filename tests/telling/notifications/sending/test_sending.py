"""Which message goes when, and what becomes of it and of its address where a service does not do as it should."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from deployments.record.models import Event
from deployments.telling.notifications import messages, services
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import (
    Does,
    Message,
    MessageStatus,
    Notice,
    NotificationAddress,
    NotificationChannel,
)
from deployments.telling.notifications.sending import carrying, claiming, recording
from deployments.telling.notifications.sending.recording import LONGEST_REST
from tests.telling.notifications.sending.conftest import Place

WAITING, SENT, FAILED, DROPPED = MessageStatus


def test_a_message_that_is_due_is_sent_once(place: Place) -> None:
    message = place.write(place.add())

    assert (place.send(), place.send()) == (1, 0)

    message.refresh_from_db()
    address = NotificationAddress.objects.get()
    assert (place.heard(), message.status, message.maybe_twice) == (["one"], SENT, False)
    assert (address.delivered_at, address.failing_since) == (place.clock(), None)
    assert message.said.endswith("took it with HTTP 200.")


def test_what_is_due_later_or_held_waits(place: Place) -> None:
    address = place.add()
    place.write(address, "later", due_at=place.clock() + timedelta(minutes=5))
    place.write(address, "held", is_held=True)

    assert place.send() == 0
    place.clock.forward(minutes=5)
    assert (place.send(), place.heard()) == (1, ["later"])


def test_of_a_thread_the_first_comes_first(place: Place) -> None:
    address = place.add()
    first = place.write(address, "first", thread="gate:1")
    place.write(address, "second", thread="gate:1", due_at=place.clock() - timedelta(minutes=5))
    place.answers(503)
    place.send()
    assert place.heard() == ["first"]

    place.answers(200)
    place.clock.now = Message.objects.get(pk=first.pk).due_at + timedelta(seconds=5)
    place.send()
    assert place.heard() == ["first", "first", "second"]


def test_a_thousand_that_wait_knock_once_while_the_service_is_down_and_come_once_it_is_up(place: Place) -> None:
    address = place.add()
    place.answers(503)
    for _ in range(20):
        place.write(address)
    for _ in range(6):
        place.send()
        place.clock.forward(minutes=5)
    assert len(place.web.seen) <= 12

    place.web.seen.clear()
    place.answers(200)
    place.clock.forward(seconds=LONGEST_REST.total_seconds())
    place.send()

    assert (len(place.heard()), Message.objects.filter(status=SENT).count()) == (20, 20)
    assert set(Message.objects.values_list("maybe_twice", flat=True)) == {False}


def test_who_has_waited_for_a_service_hears_first_what_cannot_wait(place: Place) -> None:
    address = place.add()
    for count in range(3):
        place.write(address, f"live {count}")
    place.write(address, "a gate waits", kind=Kind.GATE_WAITS)
    place.write(address, "a roll back failed", kind=Kind.ROLLBACK_FAILED)
    place.send()
    assert place.heard() == ["a gate waits", "a roll back failed", "live 0", "live 1", "live 2"]


def test_a_pause_that_is_asked_for_is_one_for_the_whole_address(place: Place) -> None:
    address, other = place.add(), place.add("other")
    place.answers(429, {"Retry-After": "600"})
    place.write(address)
    place.write(address)
    place.send()
    count = len(place.heard())

    place.clock.forward(seconds=599)
    place.write(other)
    place.send()
    assert (len(place.heard()), len(place.heard("other"))) == (count, 1)

    place.answers(200)
    place.clock.forward(seconds=2)
    place.send()
    assert Message.objects.filter(status=SENT).count() == 3


def test_one_that_fails_for_three_days_is_turned_off_and_says_so(place: Place) -> None:
    address = place.add()
    place.answers(500)
    place.write(address)
    while NotificationAddress.objects.get().is_on:
        place.send()
        place.clock.forward(hours=3)

    address.refresh_from_db()
    told = Notice.objects.get()
    assert address.off_reason.startswith("Nothing came through for 3 days. ")
    assert (told.person, told.kind, told.subject) == (place.person, "address_dead", "Turned off: hook")
    assert "127.0.0.1" not in Event.objects.get().message + str(Event.objects.get().data)


def test_one_that_is_gone_is_turned_off_at_once_and_what_waits_is_kept(place: Place) -> None:
    address = place.add()
    place.answers(410)
    message = place.write(address)

    place.send()

    message.refresh_from_db()
    assert (NotificationAddress.objects.get().is_on, message.status) == (False, WAITING)
    assert (place.send(), Event.objects.get().kind) == (0, "notification.address_turned_off")


def test_of_a_channel_its_other_addresses_say_that_one_is_dead(place: Place) -> None:
    channel = NotificationChannel.objects.create(name="deploys", made_at=place.clock())
    dead = place.add(person=None, channel=channel)
    place.add("other", person=None, channel=channel)
    place.answers(410)
    place.write(dead)

    place.send()

    assert (place.heard("other"), Notice.objects.exists()) == (["Turned off: hook"], False)


def test_who_is_removed_is_told_nothing_any_more(place: Place) -> None:
    place.write(place.add())
    User.objects.filter(pk=place.person.pk).update(is_active=False)

    assert (place.send(), place.heard()) == (0, [])


@pytest.mark.parametrize(
    ("kind", "heard"), [(Kind.LIVE, 0), (Kind.SUMMARY, 0), (Kind.WORKER_SILENT, 0), (Kind.TEST, 1)]
)
def test_whose_right_to_see_it_ended_while_it_waited_is_not_told(place: Place, kind: Kind, heard: int) -> None:
    message = place.write(place.add(), kind=kind)
    place.person.groups.clear()

    place.send()

    message.refresh_from_db()
    assert (len(place.heard()), message.status) == (heard, SENT if heard else DROPPED)
    assert heard or message.said == f"Not sent: {place.person} has no right any more to see what it is about."
    assert NotificationAddress.objects.get().failing_since is None


def test_a_channel_that_is_off_hears_nothing(place: Place) -> None:
    channel = NotificationChannel.objects.create(name="deploys", made_at=place.clock())
    place.write(place.add(person=None, channel=channel))
    NotificationChannel.objects.update(is_on=False)
    assert place.send() == 0

    NotificationChannel.objects.update(is_on=True)
    assert place.send() == 1


def test_a_test_is_tried_once_also_where_the_address_is_off(place: Place) -> None:
    message = place.write(place.add(is_on=False), by_hand=True)
    place.answers(404, body=b"no_service")

    place.send()
    place.clock.forward(hours=5)

    message.refresh_from_db()
    assert (place.send(), message.status) == (0, FAILED)
    assert message.said.endswith("answered HTTP 404: no_service.")


def test_what_cannot_be_changed_there_is_dropped_and_no_failure(place: Place) -> None:
    address = place.add()
    message = place.write(address, does=Does.UPDATE)

    place.send()

    message.refresh_from_db()
    assert (place.heard(), message.status) == ([], DROPPED)
    assert NotificationAddress.objects.get().failing_since is None


def test_news_are_sent_anew_where_nothing_can_be_changed(place: Place) -> None:
    news = Content(subject="Turned back: shop 1.4.2 on production, 1.4.1 has all traffic", is_news=True)
    place.write(place.add(), does=Does.UPDATE, content=news.as_json())

    assert (place.send(), place.heard()) == (1, [news.subject])


def test_an_address_that_leads_elsewhere_by_now_is_not_blamed_for_the_one_before(place: Place) -> None:
    address = place.add()
    place.answers(500)
    place.write(address)
    (parcel,) = claiming.claim("teller", place.clock(), under_way=(), most=9)
    address.url = place.add("new").url
    address.save(update_fields=["url"])
    recording.record(carrying.send(parcel), "teller", place.clock())

    assert NotificationAddress.objects.get(pk=address.pk).failing_since is None
    assert (place.send(), place.heard("new")) == (1, ["one"])


def test_an_address_that_no_key_opens_says_so_and_nothing_is_lost(place: Place, settings: object) -> None:
    message = place.write(place.add())
    settings.SECRET_KEY = "another one, of which nobody knows where it came from"  # type: ignore[attr-defined]

    place.send()

    message.refresh_from_db()
    assert (message.status, place.heard()) == (WAITING, [])
    assert "sealed with a key" in message.said


@pytest.mark.parametrize(("fails", "out"), [(False, 2), (True, 1)])
def test_one_that_has_its_share_keeps_nobody_from_the_others(place: Place, fails: bool, out: int) -> None:
    first, other = place.add(failing_since=place.clock() if fails else None), place.add("other")
    for _ in range(claiming.LOOKED_AT + 5):
        place.write(first)
    place.write(other)

    parcels = claiming.claim("teller", place.clock(), under_way=[first.pk] * out, most=9)

    assert [parcel.address for parcel in parcels] == [other.pk]


def test_messages_are_kept_for_thirty_days(place: Place) -> None:
    place.write(place.add())
    place.clock.forward(seconds=2)
    new = place.write(NotificationAddress.objects.get())
    place.clock.forward(days=30, seconds=-1)

    assert messages.purge(place.clock()) == 1
    assert Message.objects.get() == new


def test_apprise_is_loaded_only_where_something_goes_by_it() -> None:
    by_it = [services.is_by_apprise(name) for name in ("email", "pagerduty", "slack", "discord")]

    assert by_it == [False, False, True, True]


def test_what_another_version_kept_in_another_shape_is_sent(place: Place) -> None:
    address = place.add()
    place.write(address, status=SENT, thread="gate:1", reference=["ts"])
    place.write(address, thread="gate:1", content={"subject": "two", "facts": ["no pair"]})

    place.send()

    assert place.heard() == ["two"]
