"""The image's own health check, against real sockets."""

import os
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from config.alive import main
from deployments.ops.worker import sign_of_life

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def answering(server: type[socketserver.TCPServer], address: Any, status: int) -> Iterator[socketserver.TCPServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response_only(status if self.path == "/healthz" else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with server(address, Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def alive(bind: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "config.alive"]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "WEB_BIND": bind}, capture_output=True, text=True)


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_it_tells_whether_the_web_server_answers(status: int, code: int) -> None:
    with answering(socketserver.TCPServer, ("127.0.0.1", 0), status) as server:
        port = server.socket.getsockname()[1]

        assert alive(f"0.0.0.0:{port}").returncode == code


def test_it_asks_through_the_socket_that_nginx_uses(tmp_path: Path) -> None:
    path = str(tmp_path / "web.sock")
    with answering(socketserver.UnixStreamServer, path, 200):
        assert alive(f"unix:{path}").returncode == 0


def test_nobody_there_is_not_alive(tmp_path: Path) -> None:
    done = alive(f"unix:{tmp_path}/web.sock")

    assert (done.returncode, "does not answer" in done.stderr) == (1, True)


def asked_of_the_worker(folder: Path, age: float | None, monkeypatch: pytest.MonkeyPatch) -> int:
    sign = folder / "sign"
    monkeypatch.setattr(sign_of_life, "file", lambda: sign)
    monkeypatch.setattr(sign_of_life, "_given_at", 0.0)
    if age is not None:
        sign_of_life.give()
        os.utime(sign, (time.time() - age, time.time() - age))
    return main(["worker"])


@pytest.mark.parametrize(("age", "code"), [(0, 0), (59, 0), (61, 1), (None, 1)])
def test_the_worker_lives_while_it_gives_a_sign_of_it(
    age: float | None, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked_of_the_worker(tmp_path, age, monkeypatch) == code


def test_what_else_is_asked_for_is_refused() -> None:
    assert main(["wroker"]) == 2
