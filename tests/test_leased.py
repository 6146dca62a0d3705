"""Rows that one worker at a time has for itself."""

from datetime import UTC, datetime, timedelta

import pytest

from deployments import leased
from deployments.record.append import PEOPLE, append_event
from deployments.record.models import Outbox

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def row() -> None:
    event = append_event(PEOPLE, "person.added", "Maya was added", now=NOW)
    Outbox.objects.get_or_create(event=event, defaults={"due_at": NOW})


def claimed(holder: str, now: datetime) -> bool:
    return leased.claim(Outbox.objects.due(now), holder, now, lasts=timedelta(seconds=30))


def test_a_second_worker_gets_it_only_when_the_lease_of_the_first_has_run_out() -> None:
    assert [claimed("one", NOW), claimed("two", NOW), claimed("two", NOW + timedelta(seconds=29))] == [
        True,
        False,
        False,
    ]
    assert Outbox.objects.filter(leased.held(NOW)).count() == 1
    assert claimed("two", NOW + timedelta(seconds=30))
    assert Outbox.objects.get().lease_token == "two"


def test_what_is_given_back_anybody_gets_at_once() -> None:
    claimed("one", NOW)
    Outbox.objects.update(**leased.FREE)
    assert claimed("two", NOW)
