import json
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from structlog.testing import capture_logs

from deployments.ops.models import Heartbeat
from deployments.ops.readiness import Look, Probe, answer

committed = pytest.mark.django_db(transaction=True)


def beat(seconds_ago: float) -> None:
    Heartbeat.objects.create(token="host:1:a", beat_at=timezone.now() - timedelta(seconds=seconds_ago))


def asked(probe: Probe | None = None) -> tuple[int, dict[str, Any]]:
    response = answer(probe or Probe(Look()))
    return response.status_code, json.loads(response.content)


@committed
def test_with_a_worker_that_looks_it_is_ready() -> None:
    beat(seconds_ago=0)

    status, found = asked()

    assert (status, found.pop("heartbeat_age_seconds") < 10) == (200, True)
    said = ("database", "migrations", "static_files", "queue", "heartbeat", "clock")
    assert found == {"ready": True, **dict.fromkeys(said, "ok")}


@committed
def test_without_any_worker_it_is_not_ready() -> None:
    status, found = asked()

    assert (status, found["ready"], found["heartbeat"]) == (503, False, "never seen")


@committed
def test_with_a_worker_that_is_gone_it_is_not_ready() -> None:
    beat(seconds_ago=61)

    status, found = asked()

    assert (status, found["heartbeat"]) == (503, "too long ago")
    assert found["heartbeat_age_seconds"] >= 61


@committed
def test_with_a_migration_to_come_it_is_not_ready() -> None:
    beat(seconds_ago=0)
    row = MigrationRecorder.Migration.objects.filter(app="deployments").latest("name")
    row.delete()
    try:
        status, found = asked()
    finally:
        row.save(force_insert=True)

    assert (status, found["migrations"]) == (503, f"not applied: deployments.{row.name}")


@committed
def test_without_a_database_it_is_not_ready_and_tells_nothing_of_it() -> None:
    def refuse(*args: object) -> None:
        raise OperationalError("password authentication failed for user gate at 10.0.0.9")

    with connection.execute_wrapper(refuse), capture_logs() as told:
        found = Look()()

    assert found == {"database": "no answer"}
    assert [line["event"] for line in told] == ["not ready: the database does not answer"]


def test_a_database_that_hangs_is_waited_for_once_and_not_for_long() -> None:
    hangs, started = threading.Event(), []

    def question() -> dict[str, Any]:
        started.append(threading.current_thread())
        hangs.wait(10)
        return {"database": "ok"}

    probe = Probe(question, seconds=0.05, fresh=5)
    began = time.monotonic()
    answers = [asked(probe) for _ in range(3)]
    took = time.monotonic() - began
    hangs.set()
    started[0].join()

    assert answers == [(503, {"ready": False, "database": "no answer within 2 s"})] * 3
    assert (len(started), took < 5) == (1, True), "each question would take ten seconds"
    assert asked(probe)[1]["database"] == "ok"


def test_asking_often_costs_one_look() -> None:
    looked: list[int] = []

    def question() -> dict[str, Any]:
        looked.append(1)
        return {"database": "ok"}

    probe = Probe(question, fresh=5)
    for _ in range(20):
        probe.ask()

    assert len(looked) == 1


@committed
def test_it_is_answered_over_plain_http_and_never_kept(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_REDIRECT_EXEMPT = True, [r"^metrics$", r"^readyz$"]

    response = client.get("/readyz")

    assert response.json()["database"] == "ok"
    assert "no-store" in response.headers["Cache-Control"]
    assert client.post("/readyz").status_code == 405
