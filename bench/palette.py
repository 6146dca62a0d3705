"""How long the palette takes to answer what people type, in a database of three years.

By Django's own client in this process, so it is what the server does and no network. `DATABASE_URL` names a server of
PostgreSQL to measure on, where a database is made and dropped again; otherwise it is a file of SQLite.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import django

from bench.measuring import Result, Table, percentile
from tests.stack_database import OnServer

if TYPE_CHECKING:
    from django.test import Client

WANTED_MS = 100
#: What is typed, letter by letter where it is short, and what finds nothing or everything.
TYPED = (
    "", "d", "de", "deploy", "deploy 9.42", "deploy 9.42.0 to storefront production", "prod dep 9.42", "9.42.0",
    "roll back production", "roll back checkout-1", "approve", "lock staging", "production", "p", "1", "e",
    "storefront", "결제", "minji12", "ÉLODIE", "rolled", "0300064", "nothing is called so", "%", "x" * 500,
    "a b c d e f g h",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    runs: int = parser.parse_args().runs
    with _database() as name:
        measure(runs, name).publish("palette")


@contextmanager
def _database() -> Iterator[str]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    server = os.environ.get("DATABASE_URL", "")
    with tempfile.TemporaryDirectory(prefix="tealgate-palette-") as home:
        on_server = OnServer(server) if server.startswith("postgres") else None
        os.environ["DATABASE_URL"] = on_server.url if on_server else f"sqlite:///{Path(home) / 'db.sqlite3'}"
        django.setup()
        from django.core.management import call_command
        from django.db import connections

        try:
            call_command("migrate", verbosity=0)
            yield "PostgreSQL" if on_server else "SQLite"
        finally:
            connections.close_all()
            if on_server:
                on_server.drop()


def measure(runs: int, database: str) -> Result:
    from django.test import Client

    from bench import large
    from deployments.catalog.models import Release
    from deployments.delivery.models import Deployment

    client = Client()
    client.force_login(large.fill())
    took = {typed: [_answer(client, typed) for _ in range(runs + 1)][1:] for typed in TYPED}
    every = [seconds for each in took.values() for seconds in each]
    rows = [_row(f"all of them, {database}", every, f"< {WANTED_MS}"), *(_row(f"“{typed[:40]}”", each, "")
            for typed, each in took.items())]  # fmt: skip
    note = (
        f"{Release.objects.count():,} releases, {Deployment.objects.count():,} deployments, "
        f"{large.APPLICATIONS * len(large.ENVIRONMENTS)} environments of {large.APPLICATIONS} applications, "
        f"{large.PEOPLE} people. Somebody with every right asks."
    )
    return Result.of("What the palette takes to answer", [Table(("milliseconds until it answers", "answers", "p50",
                     "p95", "max", "p95 wanted"), rows)], [note])  # fmt: skip


def _answer(client: "Client", typed: str) -> float:
    began = time.perf_counter()
    answer = client.get("/search/", {"s": typed, "part": "1"})
    if answer.status_code != 200:
        raise RuntimeError(f"{typed!r}: {answer.status_code}")
    return time.perf_counter() - began


def _row(what: str, seconds: list[float], wanted: str) -> tuple[str, int, int, int, int, str]:
    half, most, worst = (
        round(1000 * each) for each in (percentile(seconds, 50), percentile(seconds, 95), max(seconds))
    )
    return what, len(seconds), half, most, worst, wanted


if __name__ == "__main__":
    main()
