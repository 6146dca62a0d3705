"""A browser's requests through nginx, over HTTPS with nobody's certificate; a load balancer's at two tasks."""

import http.client
import re
import select
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

import httpx

from tests.image.installation import HOST, Task

LOST = (502, 503, 504)


class Person:
    """Somebody with a browser, signed in on request. Reads pages, sends their forms."""

    def __init__(self, task: Task) -> None:
        self.client = httpx.Client(
            base_url=f"https://127.0.0.1:{task.tls_port}",
            headers={"Host": HOST},
            verify=False,  # noqa: S501 - made a moment ago, for this test
            timeout=60,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def sign_in(self, username: str, password: str = "demo") -> httpx.Response:
        return self.send("/login/", "/login/", username=username, password=password)

    def page(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[-500:]}"
        return answer.text

    def send(self, page: str, action: str, **form: str) -> httpx.Response:
        """The form of the page that is sent there, with what it holds already in hidden fields."""
        text = self.page(page)
        sent = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', text, re.DOTALL)
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', sent[1] if sent else text))
        return self.client.post(action, data={**hidden, **form}, headers={"Referer": f"https://{HOST}{page}"})


class Balancer:
    """A load balancer with steady traffic: so many requests a second, in turn to the tasks that are registered.

    Connections are kept and used again, one for each thread and task. A request is lost when there is no answer, or
    502, 503 or 504. `deregister` returns when nothing is under way to the task any more.
    """

    def __init__(self, per_second: int = 50, path: str = "/login/", threads: int = 10) -> None:
        self._pause, self._path = 1 / per_second, path
        self._lock = threading.Condition()
        self._tasks: list[Task] = []
        self._under_way: Counter[int] = Counter()
        self._sent = 0
        self._next = time.monotonic()
        self._ends = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(threads)]
        self.answers: Counter[str] = Counter()
        self.by_task: Counter[int] = Counter()
        self.slowest = 0.0

    def __enter__(self) -> Self:
        self._next = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()

    @property
    def sent(self) -> int:
        return sum(self.answers.values())

    @property
    def lost(self) -> int:
        return sum(count for answer, count in self.answers.items() if not answer.isdigit() or int(answer) in LOST)

    def register(self, task: Task) -> None:
        with self._lock:
            self._tasks.append(task)

    def deregister(self, task: Task) -> None:
        with self._lock:
            self._tasks.remove(task)
            self._lock.wait_for(lambda: not self._under_way[task.port], timeout=30)

    def _ask(self) -> None:
        with ExitStack() as open_ones:
            connections: dict[int, http.client.HTTPConnection] = {}
            while self._my_turn():
                with self._lock:
                    self._sent += 1
                    port = self._tasks[self._sent % len(self._tasks)].port
                    self._under_way[port] += 1
                if port not in connections:
                    connections[port] = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                    open_ones.callback(connections[port].close)
                began = time.monotonic()
                seen = self._answer(connections[port])
                with self._lock:
                    self.answers[seen] += 1
                    self.by_task[port] += 1
                    self.slowest = max(self.slowest, time.monotonic() - began)
                    self._under_way[port] -= 1
                    self._lock.notify_all()

    def _my_turn(self) -> bool:
        with self._lock:
            mine = self._next = max(self._next + self._pause, time.monotonic() - 1)
        return not self._ends.wait(max(mine - time.monotonic(), 0))

    def _answer(self, connection: http.client.HTTPConnection) -> str:
        if connection.sock and select.select([connection.sock], [], [], 0)[0]:
            connection.close()  # the other side ended it while nobody used it
        try:
            connection.request("GET", self._path, headers={"Host": HOST, "X-Forwarded-Proto": "https"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return type(error).__name__
        return str(answer.status)


def roll(balancer: Balancer, old: list[Task], new: Callable[[], Task]) -> list[Task]:
    """As ECS rolls a service: start one, wait until it is healthy, register it, then drain and stop an old one."""
    started = []
    for task in old:
        fresh = new().start()
        fresh.wait()
        balancer.register(fresh)
        balancer.deregister(task)
        ended = task.stop()
        assert ended == [0, 0], f"nginx and web ended with {ended}"
        started.append(fresh)
    return started
