"""What is sent, in which order, and what becomes of it where a receiver does not do as it should."""

import socket
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from standardwebhooks import Webhook, WebhookVerificationError

from deployments.outbound.fetching import Answer
from deployments.record import outbox
from deployments.record.append import append_event
from deployments.record.models import Event
from deployments.telling.webhooks import deliveries, recording, sending, subscriptions
from deployments.telling.webhooks.models import DeliveryStatus, WebhookDelivery, WebhookSubscription
from tests.outbound.rude_server import behaving, saying, trickling
from tests.telling.webhooks.conftest import Listener, body_of, tell, the_delivery

WAITING, DELIVERED, FAILED = DeliveryStatus


def test_an_event_comes_signed_and_says_what_the_log_says(listener: Listener) -> None:
    listener.add()
    (event,) = tell(listener.world, "What ran there was found out")

    assert listener.deliver() == 1

    (heard,) = listener.heard()
    assert (heard["specversion"], heard["type"], heard["source"], heard["subject"], heard["datacontenttype"]) == (
        "1.0", "tealgate.environment.adopted", "http://testserver", "shop/production", "application/json",
    )  # fmt: skip
    assert heard["data"]["message"] == event.message
    assert heard["id"] == listener.ids()[0] == f"evt_{event.pk}_{event.hash[:12]}"
    assert listener.web.seen[0][1]["content-type"] == "application/cloudevents+json"


def test_another_secret_does_not_verify(listener: Listener) -> None:
    listener.add()
    listener.secrets["chat"] = "whsec_" + "b" * 44
    tell(listener.world, "one")
    listener.deliver()

    with pytest.raises(WebhookVerificationError):
        listener.heard()


def test_events_of_a_chain_come_in_order_and_none_twice(listener: Listener) -> None:
    listener.add()
    tell(listener.world, *"abcde")

    assert (listener.deliver(), listener.deliver()) == (5, 0)
    assert listener.messages() == list("abcde")


def test_a_later_event_waits_for_the_one_before_and_other_chains_do_not(listener: Listener) -> None:
    listener.add()
    listener.answers("chat", 500)
    tell(listener.world, "one", "two")
    append_event(listener.world.release.application, "application.changed", "other", now=listener.clock())

    listener.deliver()
    assert sorted(listener.messages()) == ["one", "other"]

    listener.answers("chat", 204)
    listener.clock.forward(seconds=10)
    listener.deliver()
    assert [said for said in listener.messages() if said != "other"] == ["one", "one", "two"]
    assert len(set(listener.ids())) == 3


def test_a_later_event_waits_also_where_another_chain_s_first_has_its_number(listener: Listener) -> None:
    listener.add()
    application = listener.world.release.application
    append_event(application, "application.changed", "before", now=listener.clock())
    listener.deliver()
    tell(listener.world, "one", "two")
    append_event(application, "application.changed", "second", now=listener.clock())
    listener.answers("chat", 500)

    listener.deliver()

    assert sorted(listener.messages()) == ["before", "one", "second"]


def test_one_that_the_outbox_hands_on_too_early_does_not_overtake(listener: Listener) -> None:
    """The earlier one's reader died, say, and its lease is not over yet."""
    from deployments.record.models import Outbox

    listener.add()
    first, second = tell(listener.world, "one", "two")
    Outbox.objects.filter(pk=first.pk).update(lease_token="dead", lease_expires_at=listener.clock() + timedelta(60))

    listener.deliver()

    assert listener.messages() == ["one", "two"]


def test_an_event_that_is_handed_on_again_is_sent_once(listener: Listener) -> None:
    from deployments.telling.webhooks import filling

    listener.add()
    (event,) = tell(listener.world, "one")
    listener.deliver()

    filling.receive(event)

    assert (listener.deliver(), WebhookDelivery.objects.count()) == (0, 1)


def test_a_failure_is_tried_again_after_ever_longer_pauses_with_the_same_id(listener: Listener) -> None:
    listener.add()
    listener.answers("chat", 503)
    tell(listener.world, "one")
    pauses = []
    for _ in range(10):
        assert listener.deliver() == 1
        row = the_delivery()
        pauses.append((row.due_at - listener.clock()).total_seconds())
        assert listener.deliver() == 0
        listener.clock.now = row.due_at

    bounds = [min(5 * 3**number, 3600) for number in range(10)]
    assert [0.8 * bound <= pause <= 1.2 * bound for pause, bound in zip(pauses, bounds, strict=True)] == [True] * 10
    assert (len(set(listener.ids())), row.response_status, row.attempts) == (1, 503, 10)
    assert "answered HTTP 503." in row.said


@pytest.mark.parametrize(("asked", "hours"), [("7200", 2), ("9999999", 6)])
def test_a_receiver_that_asks_for_a_pause_gets_it_within_bounds(listener: Listener, asked: str, hours: int) -> None:
    listener.add()
    listener.answers("chat", 429, {"Retry-After": asked})
    tell(listener.world, "one")

    listener.deliver()

    assert the_delivery().due_at == listener.clock() + timedelta(hours=hours)


def test_one_that_is_gone_is_turned_off_at_once(listener: Listener) -> None:
    subscription = listener.add()
    listener.answers("chat", 410)
    tell(listener.world, "one", "two")

    assert listener.deliver() == 1

    subscription.refresh_from_db()
    assert (subscription.is_on, "410 Gone" in subscription.off_reason) == (False, True)
    assert Event.objects.get(kind="webhook.turned_off").message.startswith("Webhook chat turned off. 127.0.0.1:")
    assert listener.deliver() == 0


def test_after_three_days_of_nothing_but_failure_it_is_turned_off_and_loses_nothing(listener: Listener) -> None:
    subscription = listener.add()
    listener.answers("chat", 500)
    tell(listener.world, "one", "two")
    began = listener.clock()
    for days in (0, 2.9, 0.1):
        listener.clock.forward(days=days)
        assert listener.deliver() == 1
        subscription.refresh_from_db()
        assert subscription.is_on is (days != 0.1)

    assert subscription.off_reason.startswith("Nothing was delivered for 3 days. 127.0.0.1:")
    assert "answered HTTP 500. Mend the receiver" in subscription.off_reason
    assert Event.objects.filter(kind="webhook.turned_off").count() == 1
    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {WAITING}
    assert listener.deliver() == 0

    said: Any = {"subscription": subscription, "principal": listener.principal}
    subscriptions.turn_on(**said, now=listener.clock())
    assert listener.deliver() == 1  # too early, which is not the end of what waited
    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {WAITING}

    listener.web.seen.clear()
    listener.answers("chat", 204)
    listener.clock.now = began  # receivers compare it with theirs
    subscriptions.turn_off(**said, now=listener.clock())
    subscriptions.turn_on(**said, now=listener.clock())
    listener.deliver()
    assert listener.messages() == ["one", "two"]


def test_one_event_that_is_never_taken_is_given_up_after_three_days_and_the_next_one_goes(listener: Listener) -> None:
    subscription = listener.add()
    (event,) = tell(listener.world, "one")
    listener.answers("chat", 400)
    for days in (0, 2.9, 0.1):
        listener.clock.forward(days=days)
        listener.deliver()
        WebhookSubscription.objects.update(failing_since=None)  # as when another chain's come through
    assert the_delivery(event=event).status == FAILED
    assert the_delivery(event=event).said.endswith("in 3 days; later events go on.")

    listener.answers("chat", 204)
    (event,) = tell(listener.world, "two")
    listener.deliver()

    subscription.refresh_from_db()
    assert (the_delivery(event=event).status, subscription.is_on) == (DELIVERED, True)


def test_a_receiver_that_is_back_gets_at_once_what_waited_for_its_next_attempt(listener: Listener) -> None:
    listener.add()
    listener.answers("chat", 500)
    tell(listener.world, "one")
    for _ in range(6):
        listener.deliver()
        listener.clock.now = the_delivery(kind="environment.adopted").due_at
    listener.deliver()
    listener.answers("chat", 204)

    append_event(listener.world.release.application, "application.changed", "other", now=listener.clock())

    assert listener.deliver() == 2
    assert the_delivery(kind="environment.adopted").status == DELIVERED


# Bad receivers


@pytest.mark.parametrize(
    ("behaviour", "status", "said"),
    [
        pytest.param(saying(b""), WAITING, "gave no proper HTTP answer", id="closes without an answer"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), DELIVERED, "took it", id="half"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\n\r\n" + b"y" * 3_000_000), DELIVERED, "took it", id="huge"),
        pytest.param(trickling(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"z" * 60), WAITING, "did not answer", id="hangs"),
        pytest.param(saying(b"SSH-2.0-OpenSSH_9.2\r\n"), WAITING, "gave no proper HTTP answer", id="no HTTP"),
        pytest.param(saying(b"a" * 90_000 + b"\r\n\r\n"), WAITING, "illegal status line", id="no HTTP at length"),
        pytest.param(saying(b"HTTP/1.1 301 Moved\r\nLocation: http://xn--/\r\n\r\n"), WAITING,
                     "gave no proper HTTP answer: Malformed A-label", id="redirects to no name"),
        pytest.param(saying(b"HTTP/1.1 503 Busy\r\nRetry-After: Mon, 01 Jan 2035 00:00:00 +" + b"9" * 30 +
                            b"\r\n\r\n"), WAITING, "answered HTTP 503.", id="asks for a pause without end"),
        pytest.param(saying(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/\r\n\r\n"), WAITING,
                     "leads to 169.254.169.254. No redirect is followed", id="redirects to metadata"),
    ],
)  # fmt: skip
def test_what_a_bad_receiver_does_costs_little_and_is_said(
    listener: Listener, behaviour: Any, status: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "REQUEST_SECONDS", 0.4)
    with behaving(behaviour) as url:
        listener.add(url=url)
        tell(listener.world, "one")
        listener.deliver()

    row = the_delivery()
    assert (row.status, said in row.said, len(row.answer) <= 1024) == (status, True, True), row.said
    assert (len(row.said) < 500, row.lease_token) == (True, "")


def test_what_was_answered_is_kept_as_far_as_a_database_keeps_it(listener: Listener) -> None:
    listener.add()
    listener.answers("chat", 400, body=b"<b>no\0 \xff" + b"x" * 2000)
    tell(listener.world, "one")

    listener.deliver()

    assert the_delivery().answer.startswith("<b>no \ufffdxx")


def test_a_receiver_with_a_certificate_of_nobody_is_not_spoken_to(listener: Listener, tmp_path: Any) -> None:
    listener.add(url=listener.web.url.replace("http:", "https:"))
    tell(listener.world, "one")

    listener.deliver()

    assert "could not be reached: [SSL" in the_delivery().said
    assert listener.web.seen == []


@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.5"])
def test_a_name_that_comes_to_stand_for_another_address_is_not_gone_to(
    listener: Listener, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    listener.add(url="https://hooks.example.com/in", is_internal=False)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", (address, 443))])
    tell(listener.world, "one")

    listener.deliver()

    assert (f"hooks.example.com is at {address}" in the_delivery().said, the_delivery().status) == (True, WAITING)


# While people change it


def test_it_goes_where_the_webhook_leads_by_then(listener: Listener) -> None:
    subscription = listener.add()
    listener.answers("chat", 500)
    tell(listener.world, "one")
    listener.deliver()

    wanted = listener.wanted(url=f"{listener.web.url}/elsewhere")
    subscriptions.change(subscription=subscription, wanted=wanted, principal=listener.principal, now=listener.clock())
    listener.web.answers["/elsewhere"] = (204, {}, b"")
    listener.clock.forward(seconds=10)
    listener.deliver()

    assert [path for path, *_ in listener.web.seen] == ["/chat", "/elsewhere"]
    assert the_delivery(kind="environment.adopted").status == DELIVERED


@pytest.mark.parametrize("status", [410, 500])
def test_what_the_address_before_answers_is_nothing_against_the_next_one(listener: Listener, status: int) -> None:
    subscription = listener.add()
    listener.answers("chat", status)
    tell(listener.world, "one")
    listener.deliver() if status == 500 else None
    listener.clock.forward(days=2)
    outbox.deliver("reader", listener.clock, lambda: False)
    (parcel,) = sending.claim("teller", listener.clock(), under_way=(), most=9)
    sent = sending.send(parcel)
    listener.web.answers["/elsewhere"] = (500, {}, b"")
    wanted = listener.wanted(url=f"{listener.web.url}/elsewhere")
    subscriptions.change(subscription=subscription, wanted=wanted, principal=listener.principal, now=listener.clock())
    recording.record(sent, "teller", listener.clock())

    listener.clock.forward(days=1.5)
    listener.deliver()

    subscription.refresh_from_db()
    assert (subscription.is_on, subscription.failing_since) == (True, listener.clock())
    assert the_delivery(kind="environment.adopted").status == WAITING
    assert "/elsewhere" in [path for path, *_ in listener.web.seen]


def test_another_address_is_tried_at_once(listener: Listener) -> None:
    subscription = listener.add()
    listener.answers("chat", 503, {"Retry-After": "7200"})
    tell(listener.world, "one")
    listener.deliver()

    listener.web.answers["/elsewhere"] = (204, {}, b"")
    wanted = listener.wanted(url=f"{listener.web.url}/elsewhere")
    subscriptions.change(subscription=subscription, wanted=wanted, principal=listener.principal, now=listener.clock())
    listener.deliver()

    assert the_delivery(kind="environment.adopted").status == DELIVERED


def test_an_answer_that_nobody_thought_of_is_a_failure_like_others(listener: Listener) -> None:
    listener.add()
    (event,) = tell(listener.world, "one")
    outbox.deliver("reader", listener.clock, lambda: False)
    (parcel,) = sending.claim("teller", listener.clock(), under_way=(), most=9)
    unheard_of: Any = None

    answer = Answer(status=200, headers={}, body=unheard_of, seconds=0.1)
    recording.record(sending.Sent(parcel, answer), "teller", listener.clock())

    row = the_delivery(event=event)
    assert (row.status, row.lease_token, row.due_at > listener.clock()) == (WAITING, "", True)
    assert "made Tealgate fail (AttributeError)" in row.said


def test_one_that_is_deleted_while_it_is_sent_leaves_nothing(listener: Listener) -> None:
    subscription = listener.add()
    tell(listener.world, "one")
    outbox.deliver("reader", listener.clock, lambda: False)
    (parcel,) = sending.claim("teller", listener.clock(), under_way=(), most=9)
    sent = sending.send(parcel)
    subscriptions.delete(subscription=subscription, principal=listener.principal, now=listener.clock())

    assert recording.record(sent, "teller", listener.clock()) is False
    assert not WebhookDelivery.objects.exists()


def test_one_that_is_deleted_the_moment_it_is_claimed_keeps_no_other_back(listener: Listener) -> None:
    gone = [listener.add()]
    listener.add("archive")
    tell(listener.world, "one")
    outbox.deliver("reader", listener.clock, lambda: False)

    def deleting(execute: Any, sql: str, *more: Any) -> Any:
        done = execute(sql, *more)
        if sql.startswith('UPDATE "deployments_webhookdelivery"') and gone:
            who = listener.principal
            subscriptions.delete(subscription=gone.pop(), principal=who, now=listener.clock())
        return done

    with connection.execute_wrapper(deleting):
        parcels = sending.claim("teller", listener.clock(), under_way=(), most=9)

    assert [parcel.subscription for parcel in parcels] == [WebhookSubscription.objects.get().pk]


def test_a_new_secret_signs_beside_the_old_one_for_a_day(listener: Listener) -> None:
    subscription = listener.add()
    old = listener.secrets["chat"]
    new = subscriptions.rotate(subscription=subscription, principal=listener.principal, now=listener.clock())
    tell(listener.world, "one")
    listener.deliver()

    (_, headers, body), *_ = listener.web.seen
    assert Webhook(old).verify(body, headers) == Webhook(new).verify(body, headers)
    subscription.refresh_from_db()
    assert subscription.secrets(listener.clock() + timedelta(hours=24)) == [new]


def test_an_environment_that_was_retired_still_gets_its_last_events_out(listener: Listener) -> None:
    from deployments.catalog.models import Environment

    listener.add(environments=[listener.world.environment])
    tell(listener.world, "one")
    Environment.objects.update(retired_at=listener.clock())

    listener.deliver()

    assert listener.messages() == ["one"]


# By hand


def test_a_test_is_sent_once_also_where_the_webhook_is_off(listener: Listener) -> None:
    subscription = listener.add()
    subscriptions.turn_off(subscription=subscription, principal=listener.principal, now=listener.clock())
    listener.answers("chat", 500)
    deliveries.send_test(subscription=subscription, principal=listener.principal, now=listener.clock())

    assert (listener.deliver(), the_delivery().status) == (1, FAILED)
    assert listener.heard()[0]["type"] == "tealgate.test"


def test_what_is_sent_again_has_the_same_id_and_body_and_keeps_nobody_waiting(listener: Listener) -> None:
    listener.add()
    tell(listener.world, "one")
    listener.deliver()
    deliveries.send_again(delivery=the_delivery(), principal=listener.principal, now=listener.clock())

    listener.deliver()

    assert listener.messages() == ["one", "one"]
    assert len(set(listener.ids())) == 1
    assert WebhookDelivery.objects.filter(status=DELIVERED).count() == 2


def test_what_is_given_up_lets_the_next_one_go(listener: Listener) -> None:
    listener.add()
    listener.answers("chat", 400)
    first, _ = tell(listener.world, "one", "two")
    listener.deliver()
    listener.answers("chat", 204)

    deliveries.give_up(delivery=the_delivery(event=first), principal=listener.principal, now=listener.clock())
    listener.deliver()

    assert listener.messages() == ["one", "two"]


def test_deliveries_are_kept_for_thirty_days(listener: Listener) -> None:
    listener.add()
    tell(listener.world, "one")
    listener.deliver()

    assert deliveries.purge(listener.clock() + timedelta(days=29)) == 0
    assert deliveries.purge(listener.clock() + timedelta(days=31)) == 1


def test_the_data_is_what_the_api_shows_of_an_event(listener: Listener) -> None:
    from deployments.api.events import EventOut

    listener.add()
    (event,) = tell(listener.world, "one")
    listener.deliver()

    assert body_of(the_delivery())["data"] == EventOut.from_orm(event).model_dump(mode="json")
