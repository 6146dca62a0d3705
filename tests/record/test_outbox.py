"""Events are handed on at least once, whatever happens to who does it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NoReturn

import pytest
from django.db import transaction
from django_q.models import OrmQ
from pytest_django.fixtures import Settings

from deployments import tasks
from deployments.delivery import queue
from deployments.ops import draining
from deployments.record import outbox
from deployments.record.append import append_event
from deployments.record.models import Event, Outbox
from tests.delivery.engine.world import NOON, Clock, World, make_world
from tests.record.receivers import ARCHIVE, MESSENGER, afterwards, forget, taken

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def receivers(settings: Settings) -> Iterator[None]:
    settings.OUTBOX_RECEIVERS = [MESSENGER]
    forget()
    yield
    forget()


@pytest.fixture
def world() -> World:
    return make_world(gate=False)


def tell(world: World, *messages: str) -> None:
    for message in messages:
        append_event(world.environment, "environment.adopted", message, now=world.clock())


def deliver(clock: Clock, holder: str = "reader") -> list[tuple[str, str]]:
    """What was taken by it."""
    before = len(taken)
    outbox.deliver(holder, clock, lambda: False)
    return taken[before:]


def test_what_is_written_is_handed_on_once_and_in_order(world: World) -> None:
    tell(world, "one", "two", "three")

    assert deliver(world.clock) == [("messenger", "one"), ("messenger", "two"), ("messenger", "three")]
    assert deliver(world.clock) == []
    assert (Outbox.objects.count(), Event.objects.count()) == (0, 3)


def test_without_a_receiver_nothing_is_kept_for_one(world: World, settings: Settings) -> None:
    settings.OUTBOX_RECEIVERS = []

    tell(world, "one")

    assert (Outbox.objects.count(), Event.objects.count()) == (0, 1)


def test_an_event_that_was_taken_back_is_not_handed_on(world: World) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        tell(world, "one")
        raise RuntimeError("what it tells of did not happen")

    assert deliver(world.clock) == []


def test_an_event_that_is_committed_after_a_later_one_is_not_passed_over(world: World) -> None:
    tell(world, "one", "two")
    first = Outbox.objects.order_by("pk")[0]
    Outbox.objects.filter(pk=first.pk).delete()  # its transaction is not over

    assert deliver(world.clock) == [("messenger", "two")]
    first.save(force_insert=True)
    assert deliver(world.clock) == [("messenger", "one")]


class Killed(BaseException):
    """As by SIGKILL: nobody catches it."""


def killed() -> NoReturn:
    raise Killed


def test_a_reader_killed_before_it_could_note_the_delivery_loses_nothing(world: World) -> None:
    tell(world, "one", "two")
    afterwards["messenger"] = killed
    with pytest.raises(Killed):
        deliver(world.clock)
    afterwards.clear()

    assert deliver(world.clock, "another") == [("messenger", "two")]  # the first is still held by the dead
    world.clock.forward(seconds=90)
    assert deliver(world.clock, "another") == [("messenger", "one")]
    assert taken == [("messenger", "one"), ("messenger", "two"), ("messenger", "one")]
    assert not Outbox.objects.exists()


def test_a_reader_killed_before_it_handed_anything_on_loses_nothing(world: World) -> None:
    tell(world, "one")
    row = Outbox.objects.get()
    Outbox.objects.update(lease_token="dead", lease_expires_at=NOON + timedelta(seconds=90), attempts=1)

    assert deliver(world.clock) == []
    world.clock.forward(seconds=90)
    assert deliver(world.clock) == [("messenger", "one")]
    assert not Outbox.objects.filter(pk=row.pk).exists()


def fails() -> NoReturn:
    raise ConnectionError("the messenger is away")


def test_what_was_not_taken_is_tried_again_after_ever_longer_pauses(world: World) -> None:
    tell(world, "one")
    afterwards["messenger"] = fails

    pauses = []
    for _ in range(14):
        assert deliver(world.clock) == [("messenger", "one")]
        assert deliver(world.clock) == []
        row = Outbox.objects.get()
        pauses.append((row.due_at - world.clock()).total_seconds())
        world.clock.now = row.due_at

    assert (pauses[:4], pauses[-1]) == ([2, 4, 8, 16], 3600)
    afterwards.clear()
    assert deliver(world.clock) == [("messenger", "one")]
    assert not Outbox.objects.exists()


def test_one_that_fails_keeps_nothing_from_the_others_and_repeats_nothing_to_them(
    world: World, settings: Settings
) -> None:
    settings.OUTBOX_RECEIVERS = [MESSENGER, ARCHIVE]
    tell(world, "one", "two")
    afterwards["messenger"] = fails

    assert [name for name, _ in deliver(world.clock)] == ["messenger", "archive"] * 2
    afterwards.clear()
    world.clock.forward(seconds=2)
    assert deliver(world.clock) == [("messenger", "one"), ("messenger", "two")]


def test_a_receiver_that_cannot_be_found_is_waited_for(world: World, settings: Settings) -> None:
    settings.OUTBOX_RECEIVERS = ["tests.record.receivers.gone"]
    tell(world, "one")
    deliver(world.clock)

    settings.OUTBOX_RECEIVERS = [MESSENGER]
    world.clock.forward(seconds=2)
    assert deliver(world.clock) == [("messenger", "one")]


def test_who_was_too_slow_does_not_undo_what_the_next_one_does(world: World) -> None:
    tell(world, "one")

    def slow() -> None:
        afterwards.clear()
        Outbox.objects.update(lease_token="next", lease_expires_at=NOON + timedelta(seconds=180))

    afterwards["messenger"] = slow
    deliver(world.clock)

    assert Outbox.objects.get().lease_token == "next"


def test_a_worker_that_is_asked_to_stop_ends_between_two_events(world: World) -> None:
    tell(world, "one", "two")

    outbox.deliver("reader", world.clock, lambda: bool(taken))

    assert (taken, Outbox.objects.get().lease_token) == ([("messenger", "one")], "")


def test_the_task_hands_on_what_is_due(world: World) -> None:
    tell(world, "one")

    tasks.deliver()

    assert taken == [("messenger", "one")]


# The heartbeat asks for it


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Any:
    """Lets the heartbeat look once a second for so many of them; tells how many deliveries were asked for by then."""
    settings.HEARTBEAT_RUN_SECONDS = 1000
    monkeypatch.setattr(transaction, "on_commit", lambda call: None)  # nudges for deployments

    def beat(world: World, seconds: int) -> int:
        ends = world.clock() + timedelta(seconds=seconds)
        monkeypatch.setattr(tasks, "clock", type("Clock", (), {"now": world.clock}))
        monkeypatch.setattr(draining, "sleep", lambda pause: world.clock.forward(seconds=1))
        monkeypatch.setattr(draining, "asked", lambda: world.clock() >= ends)
        tasks.heartbeat()
        return sum(queued.task["func"] == "deployments.tasks.deliver" for queued in OrmQ.objects.all())

    return beat


def test_an_event_that_waits_is_asked_for_once_and_again_when_that_was_lost(world: World, beats: Any) -> None:
    tell(world, "one")

    assert beats(world, 10) == 1
    assert beats(world, 31) == 1 + 3  # a new heartbeat asks at once, and after 15 s each


def test_the_next_event_is_asked_for_at_once(world: World, beats: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(world, "one")
    moments: list[datetime] = []

    def handed_on(task: str) -> None:
        moments.append(world.clock())
        outbox.deliver("reader", world.clock, lambda: False)
        if len(moments) == 1:
            tell(world, "two")

    monkeypatch.setattr(queue, "ask", handed_on)
    beats(world, 5)

    assert moments == [NOON, NOON + timedelta(seconds=1)]


def test_while_a_reader_is_at_work_no_other_is_asked_for(world: World, beats: Any) -> None:
    tell(world, "one", "two")
    Outbox.objects.filter(pk=Outbox.objects.order_by("pk")[0].pk).update(
        lease_token="busy", lease_expires_at=NOON + timedelta(seconds=90)
    )

    assert beats(world, 60) == 0


def test_without_a_receiver_the_heartbeat_asks_nothing_more(
    world: World, settings: Settings, django_assert_num_queries: Any
) -> None:
    settings.OUTBOX_RECEIVERS = []

    with django_assert_num_queries(0):
        assert tasks._delivery(None, NOON) is None


def test_a_queue_that_is_away_costs_only_the_delay(world: World, beats: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deployments.delivery.queue.async_task", partial(_away))
    tell(world, "one")

    assert beats(world, 3) == 0
    assert deliver(world.clock) == [("messenger", "one")]


def _away(*_: Any, **__: Any) -> NoReturn:
    raise ConnectionError
