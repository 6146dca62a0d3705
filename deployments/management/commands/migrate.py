"""Django's own, one at a time and for as long as it takes."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

#: PostgreSQL's name of the lock: any number that is nobody else's.
LOCK = 7_361_201


class Command(migrate.Command):
    help = f"{migrate.Command.help} Two that run at once wait for each other."

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        with connection.cursor() as cursor:
            # The time-outs of `config.settings.connections` are for questions of pages and passes.
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
                cursor.execute(f"SET {name} = 0")
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            super().handle(*args, **options)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
