"""Django's own, one at a time and for as long as it takes."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

#: PostgreSQL's name of the lock: any number that is nobody else's.
LOCK = 7_361_201
#: The time-outs of `config.settings.connections` are for questions of pages and passes.
_TIME_OUTS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


class Command(migrate.Command):
    help = f"{migrate.Command.help} Two that run at once wait for each other."

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        with _alone(connection):
            if "options" in connection.settings_dict["OPTIONS"]:  # else what is set would be another one's as well
                with connection.cursor() as cursor:
                    for name in _TIME_OUTS:
                        cursor.execute(f"SET {name} = 0")
            super().handle(*args, **options)


@contextmanager
def _alone(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """A transaction beside that holds the lock: behind pgbouncer a session's would be another one's to give back."""
    beside = connection.copy()
    with closing(beside):
        beside.set_autocommit(False)
        with beside.cursor() as cursor:
            for name in _TIME_OUTS:
                cursor.execute(f"SET LOCAL {name} = 0")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        try:
            yield
        finally:
            beside.rollback()
