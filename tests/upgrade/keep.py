"""Keeps the database of this version for the upgrade test of those to come: the last thing before it is tagged.

    python -m tests.upgrade.keep

It makes the tables in a database of its own, has them filled by `stories.py`, and writes all rows to
`tests/upgrade/<version>.json`.
"""

import io
import os
import tempfile

import django
from django.apps import apps
from django.core.management import call_command

from config import __version__
from tests.upgrade import kept

#: Of other applications, who the people are; what they may do is made by `create_roles`.
PEOPLE = ("auth.Group", "auth.User", "auth.User_groups")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/kept.sqlite3"
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
        django.setup()
        call_command("migrate", verbosity=0)
        from tests.upgrade import stories  # which knows the tables

        stories.tell()
        call_command("verify_events", stdout=io.StringIO())
        path = kept.write(__version__, _last_migration(), _all_rows())
    print(f"{path}: {path.stat().st_size / 1024:.0f} KiB")


def _last_migration() -> str:
    from django.db.migrations.loader import MigrationLoader

    (leaf,) = MigrationLoader(None).graph.leaf_nodes("deployments")
    return str(leaf[1])


def _all_rows() -> kept.Rows:
    models = apps.get_app_config("deployments").get_models(include_auto_created=True)
    labels = [model._meta.label for model in models]
    found = {}
    for label in (*labels, *PEOPLE):
        rows = apps.get_model(label)._base_manager.order_by("pk")
        if written := [{name: getattr(row, name) for name in _columns(label)} for row in rows]:
            found[label] = written
    return found


def _columns(label: str) -> list[str]:
    return [field.attname for field in apps.get_model(label)._meta.concrete_fields]


if __name__ == "__main__":
    main()
