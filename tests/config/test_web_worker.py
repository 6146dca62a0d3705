"""gunicorn as it is shipped, with one thread for pages: whoever waits holds nobody up, nor the end of the process."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import ROOT, free_port, wait_for

#: `/wait` steps aside until the process is about to end; anything else is a page.
APP = """
import threading
from deployments.ops import threads
never = threading.Event()
def app(environ, start_response):
    if environ["PATH_INFO"] == "/wait":
        with threads.aside():
            while not threads.ending():
                never.wait(0.05)
    start_response("200 OK", [("Content-Length", "4")])
    return [b"page"]
"""
CONFIG = """
import sys
sys.path.insert(0, {root!r})
bind, workers, threads, worker_class = "127.0.0.1:{port}", 1, 1, "config.web_worker.Worker"
graceful_timeout = 60
"""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    port = free_port()
    (tmp_path / "patient.py").write_text(APP)
    (tmp_path / "conf.py").write_text(CONFIG.format(root=str(ROOT), port=port))
    command = [sys.executable, "-m", "gunicorn", "--config", str(tmp_path / "conf.py"), "patient:app"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=log)
    try:
        wait_for(lambda: "Booting worker" in (tmp_path / "log").read_text())
        yield running, port
    finally:
        running.kill()
        running.wait()


def asked(port: int, path: str) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=30)
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    return client


def answered(client: socket.socket) -> bool:
    with client:
        return client.recv(1000).startswith(b"HTTP/1.1 200")


def test_pages_are_answered_beside_any_number_that_wait_and_all_are_told_at_the_end(
    web: tuple["subprocess.Popen[bytes]", int],
) -> None:
    running, port = web
    waiting = [asked(port, "/wait") for _ in range(60)]

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/page", timeout=30) as answer:
        assert answer.read() == b"page"
    running.send_signal(signal.SIGTERM)
    assert [answered(client) for client in waiting] == [True] * 60
    assert running.wait(timeout=30) == 0
