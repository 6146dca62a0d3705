"""/healthz beside the threads of pages, on real sockets, also of several processes."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import __version__
from tests.stack import ROOT, free_port, wait_for

#: Two processes with one thread each, and every page sleeps.
APP = "import time\ndef app(environ, start_response):\n    time.sleep(60)\n"
CONFIG = """
import os, sys
sys.path.insert(0, {root!r})
from config import liveness
bind, workers, threads, worker_class = {bind!r}, 2, 1, "gthread"
when_ready = lambda server: liveness.listen({health!r})
post_worker_init = lambda worker: liveness.answer()
worker_exit = lambda server, worker: liveness.finish()
"""


@pytest.fixture(params=["a port", "a socket"])
def health(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"127.0.0.1:{free_port()}" if request.param == "a port" else f"unix:{tmp_path}/health.sock"


@pytest.fixture
def web(tmp_path: Path, health: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """gunicorn with an application whose threads all sleep, and its port."""
    port = free_port()
    (tmp_path / "sleepy.py").write_text(APP)
    config = CONFIG.format(root=str(ROOT), bind=f"127.0.0.1:{port}", health=health)
    (tmp_path / "conf.py").write_text(config)
    command = [sys.executable, "-m", "gunicorn", "--config", str(tmp_path / "conf.py"), "sleepy:app"]
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(command, cwd=tmp_path, stderr=log, start_new_session=True)
    try:
        wait_for(lambda: asked(health, "GET /healthz") == 200, within=30)
        yield running, port
    finally:
        os.killpg(running.pid, signal.SIGKILL)  # its processes, too, whose threads sleep on without it
        running.wait()


def children(pid: int) -> set[str]:
    return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def connected(health: str) -> socket.socket:
    unix = health.startswith("unix:")
    client = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
    client.settimeout(5)
    host, _, port = health.rpartition(":")
    try:
        client.connect(health.removeprefix("unix:") if unix else (host, int(port)))
    except OSError:
        client.close()
        raise
    return client


def answer_to(client: socket.socket) -> http.client.HTTPResponse | None:
    with client:
        try:
            answer = http.client.HTTPResponse(client)
            answer.begin()
        except (OSError, http.client.HTTPException):
            return None
        return answer


def answered(health: str, request: str, then: bytes = b"") -> http.client.HTTPResponse | None:
    try:
        with connected(health) as client:
            client.sendall(f"{request} HTTP/1.1\r\nHost: 10.0.2.106:8080\r\n\r\n".encode() + then)
            return answer_to(client)
    except OSError:
        return None


def asked(health: str, request: str, then: bytes = b"") -> int:
    """Its status; 0 when nobody answers."""
    answer = answered(health, request, then)
    return answer.status if answer else 0


def test_it_is_answered_while_every_thread_sleeps(web: tuple[subprocess.Popen[bytes], int], health: str) -> None:
    _, port = web
    sleepers = [socket.create_connection(("127.0.0.1", port)) for _ in range(4)]
    for each in sleepers:
        each.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert [asked(health, "GET /healthz") for _ in range(20)] == [200] * 20
    told = answered(health, "HEAD /healthz")
    assert told and told.headers["Tealgate-Version"] == __version__
    for each in sleepers:
        each.close()


def test_nothing_else_is_answered_and_nobody_who_keeps_silent_is_waited_for(
    web: tuple[subprocess.Popen[bytes], int], health: str
) -> None:
    assert asked(health, "HEAD /healthz?x=1") == 200
    assert [asked(health, f"GET {path}") for path in ("/", "/metrics", "/healthz/")] == [404] * 3
    assert asked(health, "BREW /healthz") == 501
    assert asked(health, "GET /healthz", b"\x00" * 70_000) in (0, 200, 400)
    began = time.monotonic()
    silent = [connected(health) for _ in range(2)]

    wait_for(lambda: asked(health, "GET /healthz") == 200, within=20)
    assert time.monotonic() - began < 15, "each silent client may keep one process for two seconds"
    for each in silent:
        each.close()


def test_after_a_reload_it_is_answered_by_the_new_processes(
    web: tuple[subprocess.Popen[bytes], int], health: str
) -> None:
    running, _ = web
    before = children(running.pid)
    running.send_signal(signal.SIGHUP)

    wait_for(lambda: not before & children(running.pid) and len(children(running.pid)) == 2, within=30)
    wait_for(lambda: [asked(health, "GET /healthz") for _ in range(10)] == [200] * 10, within=30)


def test_a_process_that_is_replaced_answers_what_it_had_taken_on(
    web: tuple[subprocess.Popen[bytes], int], health: str, tmp_path: Path
) -> None:
    running, _ = web
    clients = [connected(health) for _ in children(running.pid)]
    for each in clients:
        each.sendall(b"GET /healthz HTTP/1.1\r\nHost: 10.0.2.106\r\n")
    running.send_signal(signal.SIGHUP)

    def are_exiting() -> bool:
        for each in clients:  # which are given up when they are silent for two seconds
            each.sendall(b"X-More: 1\r\n")
        return (tmp_path / "log").read_text().count("Worker exiting") == 2

    wait_for(are_exiting, within=15, every=0.2)
    for each in clients:
        each.sendall(b"\r\n")
    answers = [answer_to(each) for each in clients]
    assert [answer and answer.status for answer in answers] == [200] * 2
