"""One PostgreSQL and one Redis from Debian's packages, for the length of a test."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgresql import Server, programs
from tests.stack import free_port, wait_for


def missing() -> str:
    lacking = [] if programs() else ["postgresql"]
    lacking += [] if shutil.which("redis-server") else ["redis-server"]
    return f"Install {' and '.join(lacking)}" if lacking else ""


@contextmanager
def postgresql() -> Iterator[str]:
    """Its address as DATABASE_URL has it."""
    with Server() as server:
        yield server.address()


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
