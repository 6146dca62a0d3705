"""What the version before ours handed on to its own receivers alone is handed to those that it did not know."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django_q.models import OrmQ
from pytest_django.fixtures import Settings

from deployments import clock, tasks
from deployments.delivery.models import Deployment
from deployments.ops.errands import Errands
from deployments.record import handed_on, outbox
from deployments.record.append import append_event
from deployments.record.models import Event, HandedOn, Outbox
from deployments.telling.notifications.models import Notice
from tests.delivery.engine.world import World, make_world
from tests.record.receivers import ARCHIVE, MESSENGER, forget, taken
from tests.telling.notifications.people import join

pytestmark = pytest.mark.django_db
PEOPLE = "deployments.telling.notifications.receiving.receive"


@pytest.fixture(autouse=True)
def receivers(settings: Settings) -> Iterator[None]:
    settings.OUTBOX_RECEIVERS = [MESSENGER, ARCHIVE]
    forget()
    yield
    forget()


@pytest.fixture
def world() -> World:
    return make_world()


def tell(world: World, message: str) -> Event:
    return append_event(world.environment, "environment.adopted", message, now=world.clock())


def deliver(world: World) -> list[tuple[str, str]]:
    before = len(taken)
    outbox.deliver("reader", world.clock, lambda: False)
    return taken[before:]


def handed_on_by_another_version(world: World, settings: Settings) -> None:
    """It knows no `HandedOn`, and takes the row out of the outbox once its own receivers have it."""
    today, settings.OUTBOX_RECEIVERS = settings.OUTBOX_RECEIVERS, [MESSENGER]
    deliver(world)
    HandedOn.objects.all().delete()
    settings.OUTBOX_RECEIVERS = today


def test_what_went_past_a_receiver_is_handed_to_it_once(world: World, settings: Settings) -> None:
    tell(world, "one")
    handed_on_by_another_version(world, settings)
    assert not Outbox.objects.exists()

    assert [handed_on.put_back(world.clock()) for _ in range(2)] == [1, 0]
    assert ("archive", "one") in deliver(world)
    assert (handed_on.missed(world.clock()), Outbox.objects.exists()) == ([], False)


def test_of_a_later_version_only_what_it_does_not_know_is_handed_to_the_new_one(
    world: World, settings: Settings
) -> None:
    settings.OUTBOX_RECEIVERS = [MESSENGER]
    tell(world, "one")
    deliver(world)
    settings.OUTBOX_RECEIVERS = [MESSENGER, ARCHIVE]

    handed_on.put_back(world.clock())

    assert deliver(world) == [("archive", "one")]


def test_what_waits_or_is_long_past_or_went_to_all_is_left_alone(world: World, settings: Settings) -> None:
    tell(world, "long past")
    handed_on_by_another_version(world, settings)
    world.clock.forward(hours=1)
    tell(world, "went to all")
    deliver(world)
    tell(world, "waits")

    assert handed_on.put_back(world.clock()) == 0
    settings.OUTBOX_RECEIVERS = []
    assert handed_on.put_back(world.clock()) == 0


def test_who_was_not_told_of_a_gate_in_an_upgrade_is_told(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", world.clock)
    for person in User.objects.all():
        join(person.username, "Viewers")
    settings.OUTBOX_RECEIVERS = [MESSENGER, PEOPLE]
    gate_opens(world)
    handed_on_by_another_version(world, settings)
    deliver(world)
    assert not Notice.objects.exists()

    for _ in range(2):
        handed_on.put_back(world.clock())
        deliver(world)

    assert list(Notice.objects.values_list("person__username", "kind")) == [("approver", "gate_waits")]


def test_the_heartbeat_has_it_handed_on(world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(world, "one")
    handed_on_by_another_version(world, settings)

    Errands().ask(world.clock())
    assert [task.func() for task in OrmQ.objects.all()] == ["deployments.tasks.hand_on_what_was_missed"]
    monkeypatch.setattr(clock, "now", world.clock)
    tasks.hand_on_what_was_missed()
    assert Outbox.objects.exists()


def test_it_is_forgotten_after_a_day(world: World) -> None:
    tell(world, "one")
    deliver(world)
    later = world.clock.now + timedelta(days=1)

    assert [handed_on.purge(later + timedelta(seconds=seconds), most=9) for seconds in (0, 1)] == [0, 1]


def gate_opens(world: World) -> Deployment:
    return world.run(world.request())
