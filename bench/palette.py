"""How long the palette takes to answer what people type, in a database of three years.

By Django's own client in this process, so it is what the server does and no network; what was loaded is kept from the
garbage collector as the web server keeps it. `DATABASE_URL` names a server of PostgreSQL to measure on, where a
database is made and dropped again; otherwise it is a file of SQLite.
"""

import argparse
import gc
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
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
    import_module("config.wsgi")
    for typed in TYPED:
        _answer(client, typed)
    gc.callbacks.append(collector := Collector())
    took = {typed: [_answer(client, typed) for _ in range(runs)] for typed in TYPED}
    gc.callbacks.remove(collector)
    every = [answer for each in took.values() for answer in each]
    rows = [_row(f"all of them, {database}", every, f"< {WANTED_MS}"), *(_row(f"“{typed[:40]}”", each, "")
            for typed, each in took.items())]  # fmt: skip
    headers = ("milliseconds until it answers", "answers", "p50", "p95", "max", "p95 wanted", "p95 of computing")
    note = (
        f"{Release.objects.count():,} releases, {Deployment.objects.count():,} deployments, "
        f"{large.APPLICATIONS * len(large.ENVIRONMENTS)} environments of {large.APPLICATIONS} applications, "
        f"{large.PEOPLE} people. Somebody with every right asks."
    )
    meant = "Computing is the processor's time of it, which other programs on the machine make no longer by waiting."
    return Result.of("What the palette takes to answer", [Table(headers, rows), collector.table()], [note, meant])


@dataclass
class Answer:
    seconds: float
    #: of the processor
    computed: float


@dataclass
class Collector:
    """How long the garbage collector looked, in seconds of the processor, by generation."""

    _began: float = 0.0
    looks: dict[int, list[float]] = field(default_factory=lambda: {0: [], 1: [], 2: []})

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.thread_time()
        else:
            self.looks[info["generation"]].append(time.thread_time() - self._began)

    def table(self) -> Table:
        rows = [(generation, len(each), 1000 * percentile(each or [0.0], 50), 1000 * max(each, default=0.0))
                for generation, each in self.looks.items()]  # fmt: skip
        return Table(("garbage collector, generation", "looks", "p50, ms", "max, ms"), rows)


def _answer(client: "Client", typed: str) -> Answer:
    began, computed = time.perf_counter(), time.thread_time()
    answer = client.get("/search/", {"s": typed, "part": "1"})
    if answer.status_code != 200:
        raise RuntimeError(f"{typed!r}: {answer.status_code}")
    return Answer(time.perf_counter() - began, time.thread_time() - computed)


def _row(what: str, answers: list[Answer], wanted: str) -> tuple[str, int, int, int, int, str, int]:
    seconds = [each.seconds for each in answers]
    computed = percentile([each.computed for each in answers], 95)
    half, most, worst, own = (
        round(1000 * each) for each in (percentile(seconds, 50), percentile(seconds, 95), max(seconds), computed)
    )
    return what, len(seconds), half, most, worst, wanted, own


if __name__ == "__main__":
    main()
