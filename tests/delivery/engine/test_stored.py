"""Facts in the row: a document, and columns for what pages show; rows and workers of the version before included."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

from deployments.delivery.engine import stored
from deployments.delivery.models import Deployment
from deployments.swaps.reports import Failure
from deployments.swaps.rolling.facts import RollingFacts
from tests.delivery.engine.world import World, make_world

EARLIER: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "swaps" / "earlier_rows.json").read_text(encoding="utf-8")
)
BEFORE, NOW = [("deployments", "0002_events_queue")], [("deployments", "0003_facts_in_columns")]


def migrate(target: list[tuple[str, str]]) -> Any:
    """The apps as they were at that time."""
    executor = MigrationExecutor(connection)
    executor.migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


@pytest.fixture
def world(db: None) -> World:
    return make_world(gate=False)


@contextmanager
def empty_database() -> Iterator[None]:
    """For what migrations make from the beginning, which takes a fraction of what it takes to go back to there."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(":memory:")) as copy, closing(sqlite3.connect(":memory:")) as empty:
            connection.connection.backup(copy)
            empty.backup(connection.connection)
            try:
                yield
            finally:
                copy.backup(connection.connection)
        return
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA earlier")
        cursor.execute("SET search_path TO earlier")
        try:
            yield
        finally:
            cursor.execute("RESET search_path")
            cursor.execute("DROP SCHEMA earlier CASCADE")


def write_as_then(then: Any, *rows: Model) -> None:
    """What that version knows of them."""
    for row in rows:
        model = then.get_model(row._meta.label)
        names = [field.attname for field in model._meta.concrete_fields]
        model._base_manager.create(**{name: getattr(row, name) for name in names if hasattr(row, name)})


@pytest.mark.django_db(transaction=True)
def test_rows_of_the_version_before_are_moved_to_columns_and_back(world: World) -> None:
    deployment = world.request()
    earlier = {**EARLIER["ROLLING"], "percent": 10, "lifecycle": EARLIER["CODE_DEPLOY on ECS"]["lifecycle"]}

    with empty_database():
        then = migrate(BEFORE)
        old = then.get_model("deployments", "Deployment")
        write_as_then(
            then, world.requester, world.environment.application, world.environment, world.release, deployment
        )
        old.objects.filter(pk=deployment.pk).update(facts=earlier)

        # Later versions have more columns.
        new = migrate(NOW).get_model("deployments", "Deployment")
        row = new.objects.get(pk=deployment.pk)
        assert row.percent == 10
        assert row.preflight == earlier["preflight"]
        assert row.targets == earlier["lifecycle"]
        assert row.failure == earlier["failure"]
        assert row.checked == earlier["checked"]

        new.objects.filter(pk=deployment.pk).update(facts={}, percent=50)
        migrate(BEFORE)
        assert old.objects.get(pk=deployment.pk).facts["percent"] == 50
        assert old.objects.get(pk=deployment.pk).facts["lifecycle"] == earlier["lifecycle"]


@pytest.mark.django_db(transaction=True)
def test_the_version_before_can_still_write_rows(world: World) -> None:
    first = world.request()
    Deployment.objects.filter(pk=first.pk).update(status="STOPPED")
    old = MigrationExecutor(connection).loader.project_state(BEFORE).apps.get_model("deployments", "Deployment")
    copied = old.objects.get(pk=first.pk)
    copied.pk, copied.key = None, "another"

    copied.save(force_insert=True)

    made = Deployment.objects.get(key="another")
    assert (made.percent, made.preflight, made.targets, made.failure, made.checked) == (0, [], [], None, None)


def test_what_the_version_before_wrote_to_the_document_is_newer_than_the_columns(world: World) -> None:
    deployment = world.request()
    deployment.facts = {"percent": 50, "failure": {"sentence": "It failed."}}

    facts = stored.facts(deployment)

    assert (facts.percent, facts.failure) == (50, Failure(sentence="It failed."))
    columns = stored.columns(facts)
    assert columns["facts"] == {}
    assert (columns["percent"], columns["failure"]["sentence"]) == (50, "It failed.")


def test_what_is_not_known_leaves_a_column_empty(world: World) -> None:
    deployment = world.request()

    Deployment.objects.filter(pk=deployment.pk).update(**stored.columns(RollingFacts(desired=2)))

    assert Deployment.objects.filter(failure__isnull=True, checked__isnull=True, preflight=[], targets=[]).exists()
    deployment.refresh_from_db()
    assert deployment.facts == {"desired": 2}


def test_nothing_new_writes_nothing() -> None:
    assert stored.columns(None) == {}
