"""The smallest web task that Terraform lets be: does it pass its health checks while 16 pages are asked for at once?

nginx and web from their images, in a quarter of a processor, on PostgreSQL. A load balancer asks for /healthz
through nginx every second and gives up as nginx does. Needs what bench.image needs, and control groups.
"""

import argparse
import http.client
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import cgroup, memory
from bench.measuring import Cell, Result, Table, percentile
from tests.image import building, servers
from tests.image.installation import ADDRESS, HOST, Installation, Task
from tests.image.visiting import Person

#: Terraform's smallest task, and what is left to the web server of it where nginx takes its part.
PROCESSORS = (0.25, 0.19)
MEBIBYTES = 512
READERS = 16
#: The load balancer's and nginx's own limit is 5 and 4 s.
GIVES_UP_AFTER = 5
CHECK_EVERY = 1.0
PAGES = (
    "/",
    "/deployments/deployment/",
    "/deployments/deployment/add/",
    "/deployments/environment/",
    "/deployments/release/",
    "/deployments/event/",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    arguments = parser.parse_args()
    if lacking := building.missing() or servers.missing() or cgroup.missing():
        print(f"The small web task is not measured here. {lacking}.")
        return
    with tempfile.TemporaryDirectory(prefix="tealgate-bench-") as home, Installation(Path(home)) as installation:
        installation.migrate()
        installation.seed()
        rows = [measure(installation, part, arguments.seconds, READERS) for part in PROCESSORS]
    Result.of(
        "The smallest web task",
        [
            Table(
                ("processors", "pages at once", "ready after, s", "pages", "a second", "p50, s", "p99, s",
                 "health checks", "passed", "slowest, s", "memory, MiB"),
                rows,
            )
        ],
        [
            f"nginx and web together have no more of one processor ({cgroup.PERIOD_MICROSECONDS // 1000} ms periods of "
            f"the kernel's control groups), with PostgreSQL beside them, for {arguments.seconds} s. Ready is the first "
            "200 of /healthz after both were started in it.",
            "People who are signed in open pages, each the next one as soon as the last one is there. A health check "
            "is /healthz through nginx, a new connection every second; passed is 200, which nginx waits 4 s for.",
            f"Memory is the most that was seen (PSS, all processes); it was not limited, and {MEBIBYTES} MiB are "
            "what ECS gives.",
        ],
    ).publish("small_web")  # fmt: skip


def measure(installation: Installation, processors: float, seconds: float, readers: int) -> list[Cell]:
    with cgroup.share(processors) as share:
        task = installation.task(trusted="127.0.0.1", tls=True)
        began = time.monotonic()
        task.start()
        for container in (task.web, task.nginx):
            share.add(container.pid)
        task.wait()
        ready = time.monotonic() - began
        with Person(task) as person:
            person.sign_in("manager")
            cookies = "; ".join(f"{name}={value}" for name, value in person.client.cookies.items())
        pages = Asking(task, lambda number: PAGES[number % len(PAGES)], {"Cookie": cookies, "Host": HOST}, readers)
        checks = Asking(task, lambda number: "/healthz", {"Host": ADDRESS}, 1, every=CHECK_EVERY)
        most = 0.0
        with pages.asking(), checks.asking():
            ends = time.monotonic() + seconds
            while time.monotonic() < ends:
                time.sleep(2)
                most = max(most, memory.of([task.web.pid, task.nginx.pid]).shared_once)
        task.stop()
    print(f"answers of pages: {dict(pages.answers)}, of checks: {dict(checks.answers)}", flush=True)
    return [
        processors, readers, ready, len(pages.took), round(len(pages.took) / seconds, 1),
        percentile(pages.took, 50), percentile(pages.took, 99),
        sum(checks.answers.values()), checks.answers["200"], max(checks.took), round(most),
    ]  # fmt: skip


class Asking:
    """So many clients, each with one request at a time, over plain HTTP as from a load balancer that speaks HTTPS."""

    def __init__(
        self, task: Task, path: Callable[[int], str], headers: dict[str, str], clients: int, every: float = 0.0
    ) -> None:
        self._port, self._path, self._every = task.port, path, every
        self._headers = headers | {"X-Forwarded-Proto": "https", "Connection": "close"}
        self._clients = clients
        self._ends = threading.Event()
        self._lock = threading.Lock()
        self.answers: Counter[str] = Counter()
        #: seconds, of each that was answered 200
        self.took: list[float] = []

    @contextmanager
    def asking(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._ask, args=(number,), daemon=True) for number in range(self._clients)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ends.set()
            for thread in threads:
                thread.join()

    def _ask(self, number: int) -> None:
        while not self._ends.is_set():
            began = time.monotonic()
            answer = self._answer(self._path(number))
            took = time.monotonic() - began
            with self._lock:
                self.answers[answer] += 1
                if answer == "200":
                    self.took.append(took)
            number += 1
            if self._every:
                self._ends.wait(max(0.0, self._every - took))

    def _answer(self, path: str) -> str:
        seconds = GIVES_UP_AFTER if self._every else 60
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=seconds)
        try:
            connection.request("GET", path, headers=self._headers)
            response = connection.getresponse()
            response.read()
            return str(response.status)
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            connection.close()


if __name__ == "__main__":
    main()
