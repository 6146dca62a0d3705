"""The database of a stack: a file in its folder, or a new one on the PostgreSQL server that DATABASE_URL names."""

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
MIGRATE = "from django.core.management import call_command; call_command('migrate', verbosity=0)"


def database(home: Path) -> "File | OnServer":
    server = os.environ.get("DATABASE_URL", "")
    return OnServer(server) if server.startswith("postgres") else File(home / "tealgate.sqlite3")


class File:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.url = f"sqlite:///{path}"

    def make_tables(self, run: Callable[[str], object]) -> None:
        """By the migrations once for all stacks of this checkout, and then by a copy of that file."""
        made = made_tables()
        if made.exists():
            shutil.copyfile(made, self._path)
            return
        run(MIGRATE)
        with contextlib.closing(sqlite3.connect(self._path)) as connection:
            keep_tables(connection)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self._path, timeout=10)) as connection:
            return connection.execute(sql).fetchall()

    def drop(self) -> None:
        """It goes with its folder."""


class OnServer:
    def __init__(self, server: str) -> None:
        self._server = server
        self._name = f"tealgate_stack_{secrets.token_hex(4)}"
        self.url = f"{server.rsplit('/', 1)[0]}/{self._name}"
        self._connection: Any = None
        self._tell(f"CREATE DATABASE {self._name}")

    def make_tables(self, run: Callable[[str], object]) -> None:
        """Once for all stacks on this server, where the tables stay, and then by a copy of them."""
        made = f"tealgate_{made_tables().stem.replace('-', '_')}"
        if self._tell(f"SELECT 1 FROM pg_database WHERE datname = '{made}'") == 1:  # noqa: S608
            self._tell(f"DROP DATABASE {self._name}")
            self._tell(f"CREATE DATABASE {self._name} TEMPLATE {made}")
            return
        fill(self.url, lambda: run(MIGRATE))
        from psycopg.errors import DuplicateDatabase

        half = f"{self._name}_tables"
        self._tell(f"CREATE DATABASE {half} TEMPLATE {self._name}")
        try:
            self._tell(f"ALTER DATABASE {half} RENAME TO {made}")
        except DuplicateDatabase:  # somebody else made it in the same moment
            self._tell(f"DROP DATABASE {half}")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """On one connection, for whoever waits asks twenty times a second."""
        import psycopg

        if self._connection is None:
            self._connection = psycopg.connect(self.url, autocommit=True)
        found: list[tuple[Any, ...]] = self._connection.execute(sql.encode()).fetchall()
        return found

    def anew(self, server: str) -> None:
        """The server was restarted, or lets us in with another password, as in this address of it."""
        if self._connection is not None:
            self._connection.close()
        self._connection, self._server = None, server
        self.url = f"{server.rsplit('/', 1)[0]}/{self._name}"

    def drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._tell(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")

    def _tell(self, statement: str) -> int:
        """How many rows it found, if it looks for any."""
        import psycopg

        with psycopg.connect(self._server, autocommit=True) as connection:
            return connection.execute(statement.encode()).rowcount


def fill(address: str, migrate: Callable[[], object]) -> None:
    """Tables in an empty database of PostgreSQL: by the migrations once for this checkout, and then by that dump."""
    made = made_tables().with_suffix(".sql")
    whole = ("--no-psqlrc", "--single-transaction", "--set", "ON_ERROR_STOP=1")
    with _one_at_a_time(made):
        if made.exists() and _done("psql", *whole, "--file", str(made), address):
            return
        migrate()
        half = made.with_suffix(f".{secrets.token_hex(4)}")
        if _done("pg_dump", "--no-owner", "--file", str(half), address):
            half.replace(made)


@contextlib.contextmanager
def _one_at_a_time(made: Path) -> Iterator[None]:
    """Stacks begin together, and migrations take ten seconds of a processor: who is second waits for the first's."""
    made.parent.mkdir(exist_ok=True)
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _done(program: str, *words: str) -> bool:
    """Whether it did: not where it is missing, nor where it is older than the server."""
    return bool(shutil.which(program)) and not subprocess.run([program, *words], capture_output=True).returncode


def keep_tables(connection: sqlite3.Connection) -> None:
    """Of a database that has been migrated and used for nothing else."""
    made = made_tables()
    made.parent.mkdir(exist_ok=True)
    half = made.with_suffix(f".{secrets.token_hex(4)}")
    connection.execute("VACUUM INTO ?", (str(half),))
    half.replace(made)  # whole or not at all, whoever else makes it in the same moment


def made_tables() -> Path:
    """What the migrations make, if there is such a file.

    Named by all that decides which tables there are: our migrations, and which applications in which version.
    """
    files = [*ROOT.glob("deployments/migrations/*.py"), ROOT / "requirements.txt", ROOT / "config/settings/base.py"]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()
    return BUILD / f"tables-{digest[:16]}.sqlite3"


def main() -> None:
    """Make what `made_tables` names, unless somebody did."""
    if made_tables().exists():
        return
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": "sqlite://:memory:"}
    import django
    from django.db import connection

    django.setup()
    exec(MIGRATE)  # noqa: S102 - as a stack's shell does
    keep_tables(connection.connection)


if __name__ == "__main__":
    main()
