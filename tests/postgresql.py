"""A PostgreSQL server of Debian's programs for the length of a test, which can fail in the ways that servers do."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from tests.stack import free_port

USER = "tealgate"


def programs() -> str:
    """Debian keeps the server's programs out of PATH, one folder a version; "" when it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return str(found[-1].parent) if found else ""


class Server:
    def __init__(self, password: str = "") -> None:
        """With a password it asks for it, and lets nobody else in."""
        self.port, self._owner, self._password = free_port(), owner(), password

    def address(self, password: str = "", database: str = "postgres") -> str:
        """As DATABASE_URL has it, with another password than the first one where that was changed."""
        known = password or self._password
        return f"postgres://{USER}{f':{known}' if known else ''}@127.0.0.1:{self.port}/{database}"

    def __enter__(self) -> Self:
        # Not in a folder of the test's: pytest closes those to other users, whenever another run of it begins.
        self._data = Path(tempfile.mkdtemp(prefix="tealgate-postgresql-"))
        self._cluster = self._data / "cluster"
        if self._owner:
            shutil.chown(self._data, "postgres")
        how = ["-A", "trust"]
        if self._password:
            secret = self._data / "password"
            secret.write_text(self._password)
            secret.chmod(0o644)
            how = ["-A", "scram-sha-256", f"--pwfile={secret}"]
        self._run("initdb", "-D", str(self._cluster), "-U", USER, "-E", "UTF8", *how)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.thaw()
        self.stop()
        shutil.rmtree(self._data)

    def start(self) -> None:
        # The data is thrown away, so it need not survive a power cut.
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._data} -c fsync=off"
        self._run("pg_ctl", "-D", str(self._cluster), "-w", "-l", str(self._data / "log"), "-o", options, "start")

    def stop(self) -> None:
        """At once: every connection is lost."""
        self._run("pg_ctl", "-D", str(self._cluster), "-w", "-m", "immediate", "stop")

    def freeze(self) -> None:
        """It neither answers nor closes a connection: a failover, or a network that swallows everything."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def ask(self, statement: str, password: str = "") -> list[tuple[object, ...]]:
        import psycopg

        with psycopg.connect(self.address(password), autocommit=True) as connection:
            found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []

    def set_password(self, new: str, old: str = "") -> None:
        """And have every connection made anew, as a failover would."""
        self.ask(f"ALTER ROLE {USER} PASSWORD '{new}'", old)
        self.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()", new)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            postmaster = int((self._cluster / "postmaster.pid").read_text().split()[0])
            children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
            for pid in (postmaster, *map(int, children)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)

    def _run(self, program: str, *words: str) -> None:
        command = [*self._owner, f"{programs()}/{program}", *words]
        with (self._data / "programs.log").open("ab") as out:
            subprocess.run(command, cwd=self._data, stdout=out, stderr=subprocess.STDOUT, check=True)


def owner() -> list[str]:
    """The server refuses to run as root."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
