"""The images as they run: what they weigh, how fast they start and answer, and what rolling them loses.

Everything is built from the project's Dockerfiles by buildah and started from their root file systems: nginx with one
socket to web, worker, PostgreSQL and Redis. Needs root, buildah, debootstrap, postgresql, redis-server and wrk.
"""

import argparse
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench import memory
from bench.measuring import Cell, Result, Table
from tests.image import building, servers
from tests.image.installation import ADDRESS, HOST, Installation, Task
from tests.image.visiting import Balancer, roll
from tests.stack import free_port, wait_for

HERE = "127.0.0.1"
#: workers, threads: the first is the default
SIZES = ((2, 8), (1, 8), (1, 16), (4, 4))
IDLE_SECONDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="of /healthz at full speed")
    parser.add_argument("--sizes-seconds", type=int, default=4, help="of a page at full speed, for each size of web")
    arguments = parser.parse_args()
    lacking = building.missing() or servers.missing() or ("" if shutil.which("wrk") else "Install wrk")
    if lacking:
        print(f"The images are not measured here. {lacking}.")
        return
    with tempfile.TemporaryDirectory(prefix="tealgate-bench-") as home, Installation(Path(home)) as installation:
        installation.migrate()
        tables = [
            at_rest(installation),
            at_full_speed(installation, arguments.seconds),
            rolled(installation),
            sizes(installation, arguments.sizes_seconds),
        ]
    Result.of(
        "The images",
        tables,
        [
            "Built from the Dockerfiles on bases that debootstrap made of Debian 12, run from their root file systems "
            "without an engine. The size is that of all files, base included. Ready is the first 200 from /healthz "
            "through nginx, or the worker's first heartbeat. Memory counts shared pages once (PSS), all processes, "
            f"{IDLE_SECONDS} s after that, web with 2 workers of 8 threads, worker with QUEUE_WORKERS=2.",
            "wrk sends from the same machine, 16 at once, a connection for each request. An error is a connection or "
            "an answer that failed, or any answer but 200.",
            "The last table is gunicorn's alone, for the page to sign in; its first row is the default.",
            "Rolled as ECS does: a new task is started, awaited and registered, an old one deregistered, drained and "
            "sent nginx's and gunicorn's signals. Lost is no answer, or 502, 503 or 504.",
        ],
    ).publish("image")


def at_rest(installation: Installation) -> Table:
    task = installation.task(trusted=HERE)
    began = time.monotonic()
    task.start().wait()
    web_ready = time.monotonic() - began
    worker = installation.worker()
    began = time.monotonic()
    worker.start()
    wait_for(lambda: has_heartbeat(task), every=0.05)
    worker_ready = time.monotonic() - began
    time.sleep(IDLE_SECONDS)
    used = {name: memory.of([one.pid]).shared_once for name, one in
            (("web", task.web), ("worker", worker), ("nginx", task.nginx))}  # fmt: skip
    task.stop()
    worker.stop()
    size, nginx_size = round(installation.tealgate.mebibytes), round(installation.nginx.mebibytes)
    rows: list[list[Cell]] = [
        ["web", size, web_ready, round(used["web"])],
        ["worker", size, worker_ready, round(used["worker"])],
        ["nginx", nginx_size, web_ready, round(used["nginx"])],
    ]
    return Table(("process", "image, MiB", "start to ready, s", "idle memory, MiB"), rows)


def has_heartbeat(task: Task) -> bool:
    request = urllib.request.Request(
        f"http://{HERE}:{task.port}/readyz", headers={"Host": HOST, "X-Forwarded-Proto": "https"}
    )
    with suppress(OSError), urllib.request.urlopen(request, timeout=5) as answer:
        return bool(answer.status == 200)
    return False


@dataclass(frozen=True)
class Load:
    """What wrk saw. `errors` are failed connections, reads and writes, time-outs, and answers but 2xx and 3xx."""

    requests: int
    per_second: float
    p50: float
    p99: float
    errors: int

    @classmethod
    def read(cls, text: str) -> "Load":
        counts = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
        refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        errors = sum(map(int, counts.groups())) if counts else 0
        return cls(
            int(_found(r"(\d+) requests in", text)),
            float(_found(r"Requests/sec:\s+([\d.]+)", text)),
            _milliseconds(_found(r"^ +50% +(\S+)", text)),
            _milliseconds(_found(r"^ +99% +(\S+)", text)),
            errors + (int(refused[1]) if refused else 0),
        )

    def row(self, *names: Cell) -> list[Cell]:
        return [*names, self.requests, round(self.per_second), self.p50, self.p99, self.errors]


LOAD = ("requests", "a second", "p50, ms", "p99, ms", "errors")


def at_full_speed(installation: Installation, seconds: int) -> Table:
    """/healthz as a load balancer asks it; nginx is reloaded after a third of the time, gunicorn after two."""
    task = installation.task(trusted=HERE).start()
    task.wait()
    with wrk(task.port, "/healthz", ADDRESS, seconds) as running:
        for container in (task.nginx, task.web):
            time.sleep(seconds / 3)
            container.signal(signal.SIGHUP)
        text = running.communicate(timeout=seconds + 30)[0]
    task.stop()
    load = Load.read(text)
    return Table(("/healthz, both reloaded meanwhile", *LOAD), [load.row(f"{seconds} s at full speed")])


def rolled(installation: Installation) -> Table:
    def task() -> Task:
        return installation.task(trusted=HERE)

    old = [task().start() for _ in range(2)]
    balancer = Balancer(per_second=50)
    for each in old:
        each.wait()
        balancer.register(each)
    began = time.monotonic()
    with balancer:
        time.sleep(2)
        new = roll(balancer, old, task)
        time.sleep(2)
    seconds = time.monotonic() - began
    for each in new:
        each.stop()
    slowest = round(balancer.slowest * 1000)
    rows: list[list[Cell]] = [
        ["two web tasks by two others", balancer.sent, balancer.sent / seconds, slowest, balancer.lost]
    ]
    return Table(("rolled under load", "requests", "a second", "slowest, ms", "lost"), rows)


def sizes(installation: Installation, seconds: int) -> Table:
    """The page to sign in from gunicorn alone, without nginx's limit, with some sizes of the web server."""
    rows = []
    for workers, threads in SIZES:
        port = free_port()
        size = {"WEB_HEALTH_BIND": "", "WEB_WORKERS": str(workers), "WEB_THREADS": str(threads)}
        web = installation.web(f"size-{workers}-{threads}", WEB_BIND=f"{HERE}:{port}", **size).start()
        wait_for(lambda: is_up(port), every=0.05)  # noqa: B023 - done before the next one
        with wrk(port, "/login/", HOST, seconds) as running:
            text = running.communicate(timeout=seconds + 30)[0]
        used = round(memory.of([web.pid]).shared_once)
        web.stop()
        rows.append(Load.read(text).row(workers, threads, used))
    return Table(("WEB_WORKERS", "WEB_THREADS", "memory, MiB", *LOAD), rows)


def is_up(port: int) -> bool:
    request = urllib.request.Request(f"http://{HERE}:{port}/healthz", headers={"Host": ADDRESS})
    with suppress(OSError), urllib.request.urlopen(request, timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def wrk(port: int, path: str, host: str, seconds: int) -> "subprocess.Popen[str]":
    """A connection for each request, as a load balancer's checks come."""
    headers = (f"Host: {host}", "X-Forwarded-Proto: https", "Connection: close")
    words = ["-t1", "-c16", f"-d{seconds}s", "--latency", *(word for header in headers for word in ("-H", header))]
    command = ["wrk", *words, f"http://{HERE}:{port}{path}"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"wrk said nothing of {pattern}:\n{text}")
    return found[1]


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]


if __name__ == "__main__":
    main()
