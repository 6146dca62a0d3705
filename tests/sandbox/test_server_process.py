"""The process: ports, signals and children."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.forkserver import SANDBOX, Forked, forkserver
from tests.sandbox.conftest import EPHEMERAL, eventually

ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def program(port: int, *options: str) -> Iterator[Forked]:
    """``python -m sandbox``, ready to answer."""
    listeners = [f"--listener-port={port}=0" for port in EPHEMERAL]
    words = ["-m", "sandbox", f"--port={port}", "--scale=50", "--application=storefront", *listeners, *options]
    with open(os.devnull, "wb") as nowhere:
        process = forkserver(*SANDBOX).start(words, os.environ, nowhere, talks=False)
    try:
        eventually(lambda: _answers(port))
        yield process
    finally:
        process.kill()
        process.wait()


def get(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_sandbox/{path}", timeout=5) as answer:
        return json.load(answer)


def _answers(port: int) -> bool:
    try:
        return bool(get(port, "health") == {"status": "ok"})
    except OSError:
        return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _pids(port: int) -> list[int]:
    return eventually(lambda: [pid for task in get(port, "tasks")["tasks"] for pid in task["pids"]])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_task_outlives_the_sandbox(number: signal.Signals) -> None:
    port = free_port()
    with program(port) as process:
        pids = _pids(port)

        process.send_signal(number)

        assert process.wait(timeout=60) == (-9 if number == signal.SIGKILL else 0)
        eventually(lambda: not any(_alive(pid) for pid in pids))


def test_a_taken_port_is_one_clear_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        ended = subprocess.run(
            [sys.executable, "-m", "sandbox", "--port", str(port)], cwd=ROOT, capture_output=True, text=True, timeout=30
        )

    assert ended.returncode == 1
    assert ended.stderr == f"Port {port} on 127.0.0.1 is taken: choose another with --port.\n"


def test_one_sandbox_after_another_starts_from_nothing() -> None:
    with Sandbox(world=False) as first:
        first.client("ecs").create_cluster(clusterName="mine")
        first.client("iam").create_role(RoleName="mine", AssumeRolePolicyDocument="{}")

    with Sandbox(world=False) as second:
        assert second.client("ecs").list_clusters()["clusterArns"] == []
        assert second.client("iam").list_roles()["Roles"] == []
