"""What an operator is alerted of: raised once, more urgent once, over once, and told with what to do."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError
from pytest_django import DjangoAssertNumQueries, Settings

from deployments.aws import credentials_seen
from deployments.aws.errors import Denied
from deployments.delivery.models import Deployment, EventsQueue
from deployments.ops.alerts import credentials, keeping
from deployments.ops.alerts.looking import Look
from deployments.ops.alerts.web_watch import Watch
from deployments.ops.models import Certificate, Heartbeat, OperatorAlert
from deployments.people.token_words import TokenKind
from deployments.record.models import Event
from deployments.telling.notifications.kinds import Kind
from tests.delivery.engine.world import NOON, Clock, make_world
from tests.ops.rows import make_token

pytestmark = pytest.mark.django_db
ROLE = "arn:aws:iam::123456789012:role/tealgate-shop"


@pytest.fixture(autouse=True)
def a_worker_that_has_heard_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials_seen, "_listens", True)
    credentials_seen.taken()


def nobody(is_silent: bool) -> None:
    """Is told by web itself in these tests."""


def told() -> list[tuple[str, str]]:
    """Kind of event and whose it is, in order."""
    return [(event.kind, event.data["alert"]) for event in Event.objects.filter(chain__name="operations")]


def beat_for(clock: Clock, look: Look, **time: float) -> None:
    """As the heartbeat does, until so much time is over."""
    ends = clock.now + timedelta(**time)
    while clock.now < ends:
        look.take(clock.now)
        clock.forward(seconds=30)


def test_web_raises_a_silent_worker_once_and_the_worker_that_is_back_ends_it() -> None:
    Heartbeat.objects.create(token="host:1:a", beat_at=NOON)
    webs = [Watch(NOON, nobody), Watch(NOON, nobody)]

    for minutes in (1, 3, 4):
        for web in webs:
            web.look(NOON + timedelta(minutes=minutes))
    Heartbeat.objects.update(beat_at=NOON + timedelta(minutes=7))
    Look().take(NOON + timedelta(minutes=7))

    assert told() == [("operations.alert_raised", "worker_silent"), ("operations.alert_over", "worker_silent")]
    raised, over = Event.objects.values_list("message", flat=True)
    assert raised.startswith("No worker has looked for due deployments since 2026-03-02 12:00:00 UTC.")
    assert "Start a worker" in raised and over.startswith("Over after 7 min: No worker")
    assert OperatorAlert.objects.get().over_at == NOON + timedelta(minutes=7)


def test_nobody_misses_a_worker_where_none_ever_was() -> None:
    Watch(NOON, nobody).look(NOON + timedelta(hours=1))

    assert told() == []


def test_a_database_that_was_away_is_told_afterwards_by_one_of_those_who_saw_it() -> None:
    Heartbeat.objects.create(token="host:1:a", beat_at=NOON)
    webs = [Watch(NOON, nobody), Watch(NOON, nobody)]
    refused = OperationalError('FATAL:  password authentication failed for user "tealgate"')

    for number, web in enumerate(webs):
        web.failed(refused, NOON + timedelta(seconds=number))
        web.failed(refused, NOON + timedelta(seconds=90))
    for number, web in enumerate(webs):
        web.look(NOON + timedelta(minutes=7, seconds=number))

    assert told() == [("operations.alert_over", "database_refused")]  # and no silent worker: it could not look either
    assert "refused Tealgate from 2026-03-02 12:00:00 to 12:07:00 UTC (7 min)" in Event.objects.get().message
    assert OperatorAlert.objects.get().over_at


def test_a_database_that_is_away_for_a_moment_is_in_the_log_only() -> None:
    web = Watch(NOON, nobody)

    web.failed(OperationalError("server closed the connection unexpectedly"), NOON)
    web.look(NOON + timedelta(seconds=30))

    assert told() == []


def test_a_queue_that_is_not_read_is_told_once_and_is_over_with_the_next_look_at_it(settings: Settings) -> None:
    settings.EVENTS_QUEUE = ("eu-central-1", "tealgate-events")
    EventsQueue.objects.create(read_at=NOON - timedelta(hours=5))
    clock, look = Clock(), Look()

    beat_for(clock, look, minutes=5)
    assert told() == []  # the worker was away itself until just now
    beat_for(clock, look, minutes=5)
    EventsQueue.objects.update(read_at=clock.now)
    beat_for(clock, look, minutes=1)

    assert told() == [("operations.alert_raised", "queue_not_read"), ("operations.alert_over", "queue_not_read")]


def test_deployments_that_no_process_takes_up_are_told() -> None:
    world = make_world()
    deployment = world.request()
    Deployment.objects.filter(pk=deployment.pk).update(next_check_at=NOON)
    clock, look = Clock(), Look()

    beat_for(clock, look, minutes=6)

    assert told() == [("operations.alert_raised", "queue_not_read")]
    assert OperatorAlert.objects.get().about == "tasks"


def refused(place: str = ROLE) -> None:
    credentials_seen.failed(place, Denied("AssumeRole", "AccessDenied", "not authorized to perform: sts:AssumeRole"))


def test_a_role_that_aws_refuses_is_told_once_whoever_still_has_its_credentials() -> None:
    clock = Clock()
    for _ in range(3):
        refused()
        credentials.note(clock.now)
        credentials_seen.accepted(ROLE)  # by another process, whose credentials are good for an hour
        credentials.note(clock.now)
        clock.forward(minutes=4)

    assert told() == [("operations.alert_raised", "credentials_refused")]
    said = OperatorAlert.objects.get().said
    assert said.startswith(f"AWS refuses {ROLE}: AWS answered AssumeRole with AccessDenied:") and "trust policy" in said


def test_a_role_is_given_again_once_nobody_was_refused_it_for_a_while() -> None:
    refused()
    credentials.note(NOON)
    credentials_seen.accepted(ROLE)
    credentials.note(NOON + timedelta(minutes=11))

    assert told()[1:] == [("operations.alert_over", "credentials_refused")]


def test_web_where_somebody_tries_a_role_that_is_none_alerts_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials_seen, "_listens", False)

    refused()
    credentials.note(NOON)

    assert told() == []


def test_a_missing_permission_is_no_matter_of_credentials(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    credentials_seen.failed(ROLE, Denied("UpdateService", "AccessDeniedException", "not authorized"))

    with django_assert_num_queries(0):
        credentials.note(NOON)


def days(clock: Clock, count: int) -> Iterator[datetime]:
    for _ in range(count):
        yield clock.now
        clock.forward(days=1)


def test_a_token_is_told_of_twice_before_its_end_and_its_owner_is_named() -> None:
    token = make_token(made_at=NOON - timedelta(days=70), expires_at=NOON + timedelta(days=20))
    look = Look()

    for now in days(Clock(), 22):
        look.take(now)

    events = list(Event.objects.all())
    assert [event.kind.partition(".")[2] for event in events] == ["alert_raised", "alert_raised", "alert_over"]
    assert [(event.at - NOON).days for event in events] == [6, 17, 20]
    assert events[0].data["owner"] == "olivia" and events[0].data["about"] == token.name
    assert "in 3 days" in events[1].message and "Make another one" in events[1].message


@pytest.mark.parametrize(
    ("lasts", "kind"), [(timedelta(days=1), TokenKind.MACHINE), (timedelta(days=90), TokenKind.PERSON)]
)
def test_a_token_that_lives_for_a_day_or_a_person_renews_is_no_matter(lasts: timedelta, kind: str) -> None:
    ends = NOON + timedelta(hours=5)
    make_token(made_at=ends - lasts, expires_at=ends, kind=kind)

    Look().take(NOON)

    assert told() == []


def test_a_certificate_is_told_of_until_it_is_renewed_also_after_its_end() -> None:
    seen = Certificate.objects.create(host="t.example:443", ends_at=NOON + timedelta(days=10), looked_at=NOON)
    look = Look()

    for now in days(Clock(), 13):
        look.take(now)
    Certificate.objects.filter(pk=seen.pk).update(ends_at=NOON + timedelta(days=100))
    look.take(NOON + timedelta(days=14))

    assert [kind.partition(".")[2] for kind, _ in told()] == ["alert_raised"] * 3 + ["alert_over"]
    assert "ended on 2026-03-12" in Event.objects.order_by("number")[2].message


def test_two_who_look_at_once_raise_it_once() -> None:
    found = keeping.Found(kind=Kind.WORKER_SILENT, said="No worker.", since=NOON)

    assert keeping.raise_(found, NOON) and not keeping.raise_(found, NOON)
    alert = OperatorAlert.objects.get()
    assert keeping.end(alert, NOON) and not keeping.end(alert, NOON)
    assert len(told()) == 2


def test_a_look_costs_few_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    look = Look()

    with django_assert_num_queries(4):
        for second in range(30):
            look.take(NOON + timedelta(seconds=second))
