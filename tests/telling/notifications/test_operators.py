"""What is wrong with Tealgate itself is told to its operators once, and once it is over."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from deployments.ops.alerts import keeping
from deployments.ops.models import OperatorAlert
from deployments.people import roles
from deployments.record.models import Event
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import Message, MessageStatus, Notice, NotificationAddress
from deployments.telling.notifications.receiving import take
from tests.delivery.engine.world import NOON
from tests.telling.notifications.people import address, channel, join

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=7)


@pytest.fixture
def pager() -> NotificationAddress:
    return address(channel("operations", kinds=[], is_operations=True), service="pagerduty")


@pytest.fixture
def operator() -> User:
    return join("operator", roles.ADMINISTRATORS)


def found(kind: Kind = Kind.WORKER_SILENT, **more: object) -> keeping.Found:
    return keeping.Found(kind=kind, said="No worker has looked. Start one.", since=NOON, **more)  # type: ignore[arg-type]


def hear() -> None:
    """Each twice, since the outbox tells at least once."""
    for event in [*Event.objects.order_by("pk"), *Event.objects.order_by("pk")]:
        take(event, NOON)


def sent() -> None:
    Message.objects.filter(status=MessageStatus.WAITING).update(status=MessageStatus.SENT, attempts=1)


def rows() -> list[tuple[str, str, str]]:
    return [(row.kind, row.does, row.thread) for row in Message.objects.order_by("pk")]


def test_it_is_told_once_and_resolved_by_its_thread(pager: NotificationAddress, operator: User) -> None:
    address(channel("team"))
    keeping.raise_(found(), NOON)
    hear()
    sent()
    keeping.end(OperatorAlert.objects.get(), LATER)
    hear()

    thread = "operations:worker_silent:"
    assert rows() == [("worker_silent", "TELL", thread), ("worker_silent", "RESOLVE", thread)]
    over = Message.objects.latest("pk").content
    assert (over["subject"], over["sentences"]) == ("That is over: Tealgate: No worker works", ["Over after 7 min."])
    assert over["facts"] == [["It was", "No worker has looked. Start one."]]
    notice = Notice.objects.get()
    assert (notice.person, notice.path) == (operator, "/deployments/operatoralert/")
    assert notice.subject == "Tealgate: No worker works" and notice.over.startswith("Over after 7 min")


def test_what_is_over_before_it_could_be_told_wakes_nobody(pager: NotificationAddress) -> None:
    keeping.raise_(found(), NOON)
    keeping.end(OperatorAlert.objects.get(), LATER)

    for event in Event.objects.order_by("-number"):  # as the outbox may hand them on
        take(event, LATER)

    assert rows() == []


def test_a_database_that_was_away_is_told_afterwards(pager: NotificationAddress, operator: User) -> None:
    address(operator)
    keeping.tell_afterwards(found(Kind.DATABASE_REFUSED), until=LATER, now=LATER)
    hear()

    assert {row.does for row in Message.objects.all()} == {"TELL"}
    assert {row.content["tone"] for row in Message.objects.all()} == {"good"}


def test_an_owner_hears_of_their_token_and_no_other_person_does(operator: User) -> None:
    owner = join("olivia", roles.MANAGERS)
    join("outsider", roles.VIEWERS)
    keeping.raise_(found(Kind.TOKEN_ENDS, about="shop-ci", owner="olivia", step=14), NOON)
    hear()

    assert set(Notice.objects.values_list("person__username", flat=True)) == {"operator", "olivia"}
    assert Notice.objects.get(person=owner).subject == "Tealgate: A token or a key ends soon (shop-ci)"


def test_two_roles_that_are_refused_are_two_troubles_however_long_their_names(pager: NotificationAddress) -> None:
    for name in ("a" * 190, "a" * 189 + "b"):
        keeping.raise_(found(Kind.CREDENTIALS_REFUSED, about=name), NOON)
    hear()

    threads = {thread for *_, thread in rows()}
    assert len(threads) == 2 and max(map(len, threads)) <= 120


def test_an_alert_that_this_version_does_not_know_is_passed_over(pager: NotificationAddress) -> None:
    keeping.raise_(found(), NOON)
    event = Event.objects.get()
    event.data = {**event.data, "alert": "disk_full"}

    take(event, NOON)

    assert rows() == []
