from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from deployments.catalog.models import Application
from deployments.record.append import append_event
from deployments.record.models import Event, EventChain

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(now: datetime) -> Application:
    application = Application.objects.create(name="Shop", slug="shop")
    for number in range(1, 5):
        append_event(application, "release.registered", f"Release 1.{number} registered", now=now)
    return application


def verify(**options: str) -> str:
    out = StringIO()
    call_command("verify_events", stdout=out, **options)
    return out.getvalue().splitlines(keepends=True)[-1]


def complaint() -> str:
    err = StringIO()
    with pytest.raises(CommandError, match="1 of 1 chains are not as they were written"):
        call_command("verify_events", stdout=StringIO(), stderr=err)
    return err.getvalue()


def test_an_untouched_log_is_intact(shop: Application) -> None:
    assert verify() == "4 events in 1 chain: all intact.\n"


def test_an_empty_log_is_not_called_intact() -> None:
    """Everything may have been removed."""
    assert "0 events in 0 chains: nothing to check yet" in verify()


def test_an_altered_event_is_named(shop: Application) -> None:
    altered = Event.objects.get(number=2)
    Event.objects.filter(pk=altered.pk).update(message="Release 6.6 registered")

    assert f"application:{shop.pk} event 2 (row {altered.pk}, 2026-03-02 09:00:00 UTC)" in complaint()
    assert "Release 6.6 registered" in complaint()


def test_an_altered_event_with_a_new_hash_breaks_the_link_of_the_next(shop: Application) -> None:
    altered = Event.objects.get(number=2)
    altered.message = "Release 6.6 registered"
    Event.objects.filter(pk=altered.pk).update(message=altered.message, hash=altered.computed_hash())

    assert "event 3" in complaint()
    assert "does not follow on the event before it" in complaint()


def test_a_removed_event_is_named(shop: Application) -> None:
    Event.objects.filter(number=3).delete()

    assert "number 3 is missing, removed before" in complaint()


def test_removed_newest_events_are_noticed(shop: Application) -> None:
    Event.objects.filter(number__gte=3).delete()

    assert "has 2 events and should have 4" in complaint()


def test_an_appended_event_is_named(shop: Application) -> None:
    last = Event.objects.get(number=4)
    forged = Event(chain=last.chain, number=5, at=last.at, kind="x", message="Approved by nobody", previous=last.hash)
    forged.hash = forged.computed_hash()
    forged.save()

    assert "event 5" in complaint()
    assert "was added, the chain ends before it. It says: Approved by nobody" in complaint()


def test_an_appended_event_is_noticed_even_when_the_length_was_raised(shop: Application) -> None:
    last = Event.objects.get(number=4)
    forged = Event(chain=last.chain, number=5, at=last.at, kind="x", message="Forged", previous=last.hash)
    forged.hash = forged.computed_hash()
    forged.save()
    EventChain.objects.update(length=F("length") + 1)

    assert "its newest event is not the one written last" in complaint()


def test_one_chain_can_be_looked_at_alone(shop: Application, now: datetime) -> None:
    other = Application.objects.create(name="Other", slug="other")
    append_event(other, "release.registered", "Release 1 registered", now=now)

    assert verify(chain=f"application:{other.pk}") == "1 event in 1 chain: all intact.\n"


def test_an_unknown_chain_is_refused() -> None:
    with pytest.raises(CommandError, match="There is no chain environment:99"):
        verify(chain="environment:99")
