"""One PostgreSQL and one Redis from Debian's packages, for the length of a test."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stack import free_port, wait_for


def missing() -> str:
    lacking = [] if _programs() else ["postgresql"]
    lacking += [] if shutil.which("redis-server") else ["redis-server"]
    return f"Install {' and '.join(lacking)}" if lacking else ""


@contextmanager
def postgresql(home: Path) -> Iterator[str]:
    """Its address as DATABASE_URL has it."""
    port, data, owner = free_port(), home / "postgresql", _owner()
    data.mkdir()
    if owner:
        shutil.chown(data, "postgres")
        _open_the_way(data)
    programs, cluster = _programs(), data / "cluster"
    _run([*owner, f"{programs}/initdb", "-D", str(cluster), "-U", "tealgate", "-A", "trust", "-E", "UTF8"], data)
    control = [*owner, f"{programs}/pg_ctl", "-D", str(cluster), "-w"]
    # The data is thrown away, so it need not survive a power cut.
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {data} -c fsync=off"
    _run([*control, "-l", str(data / "log"), "-o", options, "start"], data)
    try:
        yield f"postgres://tealgate@127.0.0.1:{port}/postgres"
    finally:
        _run([*control, "-m", "immediate", "stop"], data)


@contextmanager
def redis(home: Path) -> Iterator[str]:
    port, log = free_port(), home / "redis.log"
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(home)]
    with log.open("wb") as out:
        server = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        ping = ["redis-cli", "-p", str(port), "ping"]
        wait_for(lambda: subprocess.run(ping, capture_output=True, check=False).stdout == b"PONG\n")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


def _programs() -> str:
    """Debian keeps the server's programs out of PATH, one folder a version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return str(found[-1].parent) if found else ""


def _owner() -> list[str]:
    """The server refuses to run as root."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def _open_the_way(folder: Path) -> None:
    """Folders of temporary files are closed to others; the server's user has to pass through."""
    for parent in folder.parents:
        if parent.stat().st_uid == os.geteuid() and len(parent.parts) > 2:
            parent.chmod(parent.stat().st_mode | 0o011)


def _run(command: list[str], folder: Path) -> None:
    with (folder.parent / "postgresql.log").open("ab") as out:
        subprocess.run(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT, check=True)
