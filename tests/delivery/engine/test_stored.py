"""Facts in the row: a document, and columns for what pages show; rows and workers of the version before included."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

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


@pytest.fixture
def tables() -> Iterator[None]:
    """As they should be, whatever a test did to them: where a copy can be made, it is put back."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(":memory:")) as copy:
            connection.ensure_connection()
            connection.connection.backup(copy)
            yield
            copy.backup(connection.connection)
        return
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.mark.django_db(transaction=True)
def test_rows_of_the_version_before_are_moved_to_columns_and_back(world: World, tables: None) -> None:
    deployment = world.request()
    old = migrate(BEFORE).get_model("deployments", "Deployment")
    earlier = {**EARLIER["ROLLING"], "percent": 10, "lifecycle": EARLIER["CODE_DEPLOY on ECS"]["lifecycle"]}
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
def test_the_version_before_can_still_write_rows(world: World, tables: None) -> None:
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
