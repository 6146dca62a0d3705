from django.conf import settings
from django.core.checks import run_checks
from django.db import connection
from pytest_django import Settings

from deployments.ops import system_checks


def ids(found: list[object]) -> list[str]:
    return [message.id for message in found]  # type: ignore[attr-defined]


def test_the_settings_as_they_are_pass() -> None:
    assert [m for m in run_checks() if str(m.id).startswith("tealgate")] == []


def test_a_retry_during_the_heartbeat_is_an_error(settings: Settings) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"retry": 100}

    found = system_checks.task_times(None)

    assert ids([*found]) == ["tealgate.E001"]
    assert "delivers a task again after 100 s, while the heartbeat may run for 150 s" in found[0].msg
    assert found[0].hint


def test_a_lease_that_ends_before_its_task_is_an_error(settings: Settings) -> None:
    settings.LEASE_SECONDS = 60

    assert ids([*system_checks.task_times(None)]) == ["tealgate.E002"]


def test_a_heartbeat_that_is_stopped_before_it_ends_is_an_error(settings: Settings) -> None:
    settings.HEARTBEAT_RUN_SECONDS = 150

    assert ids([*system_checks.task_times(None)]) == ["tealgate.E003"]


def test_a_single_worker_process_is_an_error(settings: Settings) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"workers": 1}

    assert ids([*system_checks.worker_processes(None)]) == ["tealgate.E004"]


def test_sqlite_with_a_queue_on_the_network_is_a_warning(settings: Settings) -> None:
    settings.Q_CLUSTER = {"redis": "redis://redis"}

    expected = ["tealgate.W001"] if connection.vendor == "sqlite" else []
    assert ids([*system_checks.one_database_for_all(None)]) == expected


def test_sqlite_with_its_own_queue_is_fine() -> None:
    assert "orm" in settings.Q_CLUSTER
    assert system_checks.one_database_for_all(None) == []
