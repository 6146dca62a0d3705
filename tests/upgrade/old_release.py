"""A database as an earlier release of Tealgate left it, made anew and brought to today's by the migrations.

    python -m tests.upgrade.old_release 0.1.0

`0.1.0.json` holds every row that release 0.1.0 wrote in an afternoon: five applications, the four controllers,
deployments that went well, were rejected, turned back by themselves, and three that were under way. Its columns are
that release's, so the rows are put in with the models of its last migration.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

HERE = Path(__file__).parent
#: by release: its last migration
MIGRATIONS = {"0.1.0": "0002_events_queue"}
Rows = Mapping[str, list[dict[str, Any]]]


def rows(release: str) -> Rows:
    """Model to its rows, each a mapping of column (as Django's attname) to value; times in ISO 8601."""
    found: Rows = json.loads((HERE / f"{release}.json").read_text())
    return found


def make(release: str) -> None:
    """An empty database gets the tables and rows of that release."""
    call_command("migrate", "deployments", MIGRATIONS[release], verbosity=0)
    call_command("migrate", "auth", verbosity=0)
    executor = MigrationExecutor(connection)
    then = executor.loader.project_state(list(executor.loader.applied_migrations)).apps
    kept = rows(release)
    with transaction.atomic(), connection.constraint_checks_disabled():
        for label, written in kept.items():
            model = then.get_model(label)
            columns = {field.attname: field for field in model._meta.concrete_fields}
            model._default_manager.bulk_create(
                model(**{name: columns[name].to_python(value) for name, value in row.items()}) for row in written
            )
        connection.check_constraints()
        with connection.cursor() as cursor:  # the rows came with their numbers; the next ones count on from there
            for statement in connection.ops.sequence_reset_sql(no_style(), [then.get_model(each) for each in kept]):
                cursor.execute(statement)


def main() -> None:
    django.setup()
    make(sys.argv[1])
    call_command("migrate", verbosity=0)
    call_command("create_roles", verbosity=0)


if __name__ == "__main__":
    main()
