"""A database as an earlier version of Tealgate left it, made anew and brought to today's by the migrations.

    python -m tests.upgrade.old_release 1.0.0

The columns of what is kept are that version's, so the rows are put in with the models of its last migration. With
`--beside` what that version writes is then written once more, to today's tables.
"""

import sys
from typing import Any

import django
from django.apps.registry import Apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from tests.upgrade import kept


def make(version: str) -> None:
    """An empty database gets the tables and rows of that version."""
    call_command("migrate", "deployments", kept.read(version).migration, verbosity=0)
    call_command("migrate", "auth", verbosity=0)
    then = models_of(version)
    with transaction.atomic(), connection.constraint_checks_disabled():
        write(version, then)
        connection.check_constraints()
        with connection.cursor() as cursor:  # the rows came with their numbers; the next ones count on from there
            tables = [then.get_model(label) for label in kept.read(version).rows]
            for statement in connection.ops.sequence_reset_sql(no_style(), tables):
                cursor.execute(statement)


def models_of(version: str) -> Apps:
    """As code of that version knows them, whatever was added to the tables since."""
    executor = MigrationExecutor(connection)
    last = ("deployments", kept.read(version).migration)
    others = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] != "deployments"]
    return executor.loader.project_state([last, *others]).apps


def write(version: str, then: Apps) -> None:
    for label, written in kept.read(version).rows.items():
        model = then.get_model(label)
        for field in model._meta.concrete_fields:
            vars(field).update(auto_now=False, auto_now_add=False)  # else a time of today's
        model._default_manager.bulk_create(model(**values(model, row)) for row in written)


def values(model: Any, row: dict[str, Any]) -> dict[str, Any]:
    columns = {field.attname: field for field in model._meta.concrete_fields}
    return {name: columns[name].to_python(value) for name, value in row.items()}


def write_beside(version: str) -> int:
    """How many rows code of that version reads from today's tables, and could write to them; nothing is changed."""
    then = models_of(version)
    with transaction.atomic():
        there = [_there(then.get_model(label), written) for label, written in kept.read(version).rows.items()]
        read = sum(len(list(rows)) for rows in there)
        for rows in there:
            rows._raw_delete(rows.db)  # what refers to them is looked at when they are there again
        write(version, then)
        connection.check_constraints()
        transaction.set_rollback(True)
    return read


def _there(model: Any, written: list[dict[str, Any]]) -> Any:
    key = model._meta.pk.attname
    return model._base_manager.filter(pk__in=[values(model, row)[key] for row in written])


def main() -> None:
    django.setup()
    version = sys.argv[1]
    if sys.argv[2:] == ["--beside"]:
        print(write_beside(version))
        return
    make(version)
    call_command("migrate", verbosity=0)
    call_command("create_roles", verbosity=0)


if __name__ == "__main__":
    main()
