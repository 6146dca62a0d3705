"""A clock that is not AWS's is told wherever people look."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from structlog.testing import capture_logs

from deployments import clock
from deployments.delivery.models import Presence
from deployments.ops import clock_seen, metrics, readiness

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def never_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_seen, "_logged_at", -clock_seen.LOG_SECONDS)


def seen(monkeypatch: pytest.MonkeyPatch, ahead: float | None) -> None:
    monkeypatch.setattr(clock, "_ahead_of_aws", ahead)
    clock_seen.note()


def families() -> dict[str, float]:
    found = {each.name: each for each in metrics.Collector(clock.now()).collect()}
    return {name: each.samples[0].value for name, each in found.items() if each.samples}


def test_it_is_told_in_metrics_on_the_board_and_once_in_the_log(
    monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    with capture_logs() as lines:
        seen(monkeypatch, 150.2)
        seen(monkeypatch, 150.2)

    assert len(lines) == 1 and "2 min 30 s ahead of AWS's" in lines[0]["told"]
    assert families()["tealgate_clock_ahead_seconds"] == 150.2
    assert "2 min 30 s ahead of AWS" in client.get("/").content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("ahead", "said"), [(150.2, "2 min 30 s ahead of AWS's"), (-0.4, "ok")])
def test_readyz_tells_it(monkeypatch: pytest.MonkeyPatch, ahead: float, said: str) -> None:
    seen(monkeypatch, ahead)

    assert said in readiness.Look()()["clock"]


def test_a_right_one_is_no_news(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    seen(monkeypatch, -0.4)

    assert clock_seen.trouble() == ""
    assert families()["tealgate_clock_ahead_seconds"] == -0.4
    assert "AWS's clock" not in client.get("/").content.decode()


def test_what_was_seen_hours_ago_is_told_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, 150)
    Presence.objects.update(clock_seen_at=clock.now() - timedelta(hours=3))

    assert (clock_seen.seconds_ahead(), clock_seen.trouble()) == (None, "")
    assert "tealgate_clock_ahead_seconds" not in families()


def test_who_never_heard_of_aws_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, None)

    assert not Presence.objects.exists()
