"""The web server notes that it is here, whatever the database does meanwhile."""

from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from structlog.testing import capture_logs

from deployments.delivery.models import Presence
from deployments.ops import presence
from deployments.ops.alerts.web_watch import Watch
from tests.outages import away

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def connection_of_the_test(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """It is not to be closed under the test's transaction."""
    closed: list[str] = []
    monkeypatch.setattr(connections, "close_all", lambda: closed.append("closed"))
    return closed


def test_it_is_noted_by_a_connection_that_is_closed_again(connection_of_the_test: list[str]) -> None:
    presence.note(Watch(timezone.now(), lambda is_silent: None))

    noted = Presence.objects.get().web_at
    assert noted is not None and timezone.now() - noted < timedelta(minutes=1)
    assert connection_of_the_test == ["closed"]


def test_without_a_database_it_says_so_and_goes_on() -> None:
    with capture_logs() as lines, away(lambda: True):
        presence.note(Watch(timezone.now(), lambda is_silent: None))
    presence.note(Watch(timezone.now(), lambda is_silent: None))

    assert [line["event"] for line in lines] == ["could not note that web is here"]
    assert Presence.objects.get().web_at
