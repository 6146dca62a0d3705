from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.contrib.auth.models import User

from deployments.people.principal import SYSTEM, Principal
from deployments.record.append import PEOPLE, append_event
from deployments.record.models import Event, EventChain
from deployments.vocabulary import ActorKind
from tests.delivery.engine.world import NOON, World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def note(world: World, message: str, now: datetime = NOON) -> Event:
    return append_event(world.environment, "environment.adopted", message, now=now)


def test_every_event_holds_the_hash_of_the_one_before(world: World) -> None:
    first, second, third = (note(world, message) for message in ("one", "two", "three"))

    assert (first.previous, second.previous, third.previous) == ("", first.hash, second.hash)
    assert [first.number, second.number, third.number] == [1, 2, 3]


def test_the_chain_knows_its_length_and_its_newest_hash(world: World) -> None:
    note(world, "one")
    newest = note(world, "two")

    chain = EventChain.objects.get()
    assert (chain.name, chain.length, chain.head) == (f"environment:{world.environment.pk}", 2, newest.hash)


def test_a_deployment_writes_to_the_chain_of_its_environment(world: World) -> None:
    note(world, "one")
    deployment = world.request()

    event = Event.objects.get(deployment=deployment)
    assert (event.number, event.stage, event.chain) == (2, "RECONCILE_SERVICE", EventChain.objects.get())


def test_an_application_has_a_chain_of_its_own(world: World) -> None:
    note(world, "one")

    event = append_event(world.environment.application, "release.registered", "Release 1.1.0 registered", now=NOON)

    assert (event.number, event.previous) == (1, "")
    assert EventChain.objects.count() == 2


def test_a_hash_can_be_computed_again_from_what_was_stored(world: World) -> None:
    written = append_event(
        world.request(),
        "gate.approved",
        "Approved by approver: “fine” ✓",
        now=NOON + timedelta(microseconds=123456),
        principal=Principal.person(world.approver),
        stage="BAKE_TIME",
        data={"evidence": {"latency_ms": 12.75, "weights": {"blue": 100.0}, "alarms": [], "smoke": None}},
    )

    read = Event.objects.get(pk=written.pk)
    assert read.computed_hash() == read.hash == written.hash


def test_a_time_of_another_zone_is_stored_as_the_same_moment(world: World) -> None:
    summer = datetime(2026, 7, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))

    event = Event.objects.get(pk=note(world, "one", summer).pk)

    assert event.at == datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert event.computed_hash() == event.hash


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("message", "Nothing happened"),
        ("actor", "somebody"),
        ("actor_kind", "PERSON"),
        ("at", NOON + timedelta(seconds=1)),
        ("kind", "environment.locked"),
        ("stage", "BAKE_TIME"),
        ("data", {"a": 1}),
        ("number", 7),
        ("previous", "0" * 64),
    ],
)
def test_every_column_is_under_the_hash(world: World, column: str, value: object) -> None:
    event = note(world, "one")

    Event.objects.filter(pk=event.pk).update(**{column: value})

    event.refresh_from_db()
    assert event.computed_hash() != event.hash


def test_the_system_is_the_actor_unless_somebody_else_is(world: World) -> None:
    event = note(world, "one")

    assert (event.actor_kind, event.actor) == (SYSTEM.kind, SYSTEM.name) == ("SYSTEM", "tealgate")
    assert Principal.person(world.approver) == Principal(ActorKind.PERSON, "approver", world.approver)


def test_a_chain_that_another_writer_makes_in_the_same_moment_is_used(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(world, "one")
    find, looks = EventChain.objects.filter, iter([EventChain.objects.none()])  # nothing there at the first look
    monkeypatch.setattr(EventChain.objects, "filter", lambda **where: next(looks, find(**where)))

    assert note(world, "two").number == 2
    assert next(looks, None) is None


def test_an_event_says_who_it_was_and_by_which_way(requester: User) -> None:
    agent = Principal(ActorKind.TOKEN, "robin", owner=requester, is_agent=True)
    job = Principal(ActorKind.TOKEN, "shop@main via ci", owner=requester, run="run 7", run_url="https://ci.example/7")
    whose = [agent, job, Principal.person(requester, through="laptop (x7Qd)"), Principal.person(requester), SYSTEM]

    said = [append_event(PEOPLE, "token.made", "x", now=NOON, principal=who).by for who in whose]

    assert said == [
        "an agent (robin), on behalf of requester", "shop@main via ci, run 7",
        "requester, through the API by laptop (x7Qd)", "requester", "tealgate",
    ]  # fmt: skip
