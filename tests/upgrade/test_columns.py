"""Both versions run for a while: `migrate` first, then web and worker are replaced one after the other.

So the version before has to be able to write rows of tables that it knows only in part, and to read what it knows. Here
every migration is held to it; `test_upgrade.py` does it with the rows of the newest version that is kept.
"""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

#: The first release that runs beside its successor; what was taken away before it is told in docs/upgrading.md.
FIRST = "0016_watched_until"


@pytest.fixture(scope="module")
def later() -> list[tuple[str, migrations.operations.base.Operation]]:
    """What migrations after the first one of all do, by the name of each."""
    found = MigrationLoader(None).disk_migrations
    ours = sorted((name, each) for (app, name), each in found.items() if app == "deployments")
    return [(name, operation) for name, each in ours[1:] for operation in each.operations]


def added(
    later: list[tuple[str, migrations.operations.base.Operation]],
) -> Iterator[tuple[str, "models.Field[object, object]"]]:
    for name, operation in later:
        if isinstance(operation, migrations.AddField):
            model = apps.get_model("deployments", operation.model_name)
            column = next((field for field in model._meta.local_fields if name_of(field, operation)), None)
            if column is not None:
                yield f"{name}: {operation.model_name}.{operation.name}", column


def name_of(field: "models.Field[object, object]", operation: migrations.AddField) -> bool:
    return operation.name in (field.name, field.column)


def test_a_column_that_the_version_before_does_not_know_has_a_value_of_the_database(
    later: list[tuple[str, migrations.operations.base.Operation]],
) -> None:
    columns = dict(added(later))

    assert len(columns) > 10
    assert [name for name, field in columns.items() if not field.null and field.db_default is NOT_PROVIDED] == []


def test_nothing_is_taken_away_that_the_version_before_still_reads(
    later: list[tuple[str, migrations.operations.base.Operation]],
) -> None:
    """A column goes one release after the last one that reads it: its field first, then the column."""
    kinds = (migrations.RemoveField, migrations.DeleteModel, migrations.RenameField, migrations.RenameModel)
    taken = [name for name, operation in later if isinstance(operation, kinds) and name > FIRST]

    assert taken == []
