"""Images that hold a real program of this machine instead of the small web site."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.images import program

PRINTS = "import sys, time; print(sys.argv[1:], flush=True); time.sleep(60)"


@contextmanager
def started(*words: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-S", "-E", program.__file__, "127.0.0.9", "8123", *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as container:
        yield container
        container.kill()


@contextmanager
def running() -> Iterator[tuple["subprocess.Popen[str]", str, int]]:
    """The container, its first line, and its program's pid."""
    with started(sys.executable, "-c", PRINTS, "{host}:{port}") as container:
        assert container.stdout is not None
        said = container.stdout.readline()
        yield container, said, int(Path(f"/proc/{container.pid}/task/{container.pid}/children").read_text())


def is_gone(pid: int) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_the_program_learns_its_address_and_ends_when_it_is_asked_to() -> None:
    with running() as (container, said, pid):
        container.send_signal(signal.SIGTERM)

        assert said == "['127.0.0.9:8123']\n"
        assert container.wait(5) == 128 + signal.SIGTERM
        assert is_gone(pid)


def test_its_exit_code_is_the_containers() -> None:
    with started(sys.executable, "-c", "raise SystemExit(7)") as container:
        assert container.wait(5) == 7


def test_it_ends_with_the_sandbox() -> None:
    with running() as (container, _, pid):
        assert container.stdin is not None
        container.stdin.close()
        assert is_gone(pid)


def test_it_ends_with_its_container() -> None:
    with running() as (container, _, pid):
        container.kill()
        assert is_gone(pid)
