import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo import ports

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def free_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other ports than a demo's that runs meanwhile."""
    with_sockets = [socket.socket() for _ in ports.ALL]
    for port, held in zip(ports.ALL, with_sockets, strict=True):
        held.bind(("127.0.0.1", 0))
        monkeypatch.setenv(port.variable, str(held.getsockname()[1]))
    for held in with_sockets:
        held.close()


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_free_ports_are_fine() -> None:
    ports.require_free()


def test_a_taken_port_is_named_with_the_variable_that_changes_it(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRODUCTION_PORT", str(taken))

    with pytest.raises(ports.Trouble) as trouble:
        ports.require_free()

    assert f"Port {taken} (the shop in production) is taken by another program." in str(trouble.value)
    assert "PRODUCTION_PORT=" in str(trouble.value)


def test_a_port_asked_for_twice_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGING_PORT", os.environ["PRODUCTION_PORT"])

    with pytest.raises(ports.Trouble, match="asked for twice, by PRODUCTION_PORT and STAGING_PORT"):
        ports.require_free()


@pytest.mark.parametrize("text", ["eighty", "0", "70000", "-1"])
def test_what_is_no_port_is_named(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEALGATE_PORT", text)

    with pytest.raises(ports.Trouble, match="TEALGATE_PORT is .* which is no port. Example: TEALGATE_PORT=8000"):
        ports.require_free()


def test_the_demo_does_not_start_with_a_taken_port(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_PORT", str(taken))

    ended = subprocess.run([sys.executable, "-m", "demo"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert f"Port {taken} (the AWS sandbox) is taken" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
