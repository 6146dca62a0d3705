"""The courier carries tasks to the worker's processes and their results back, whichever of the two fails meanwhile."""

import multiprocessing
import threading
from types import SimpleNamespace
from typing import Any

import django_q.monitor
import django_q.pusher
import pytest

from deployments.ops.worker import courier


class Queue:
    """django-q2's ends of it, which fail once each and are over when they are told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun: list[str] = []
        self.ends, self.pushed = multiprocessing.Event(), multiprocessing.Event()
        self.stop = threading.Event()
        monkeypatch.setattr(django_q.pusher, "pusher", self.push)
        monkeypatch.setattr(django_q.monitor, "monitor", self.watch)
        monkeypatch.setattr(courier, "connections", SimpleNamespace(close_all=lambda: self.begun.append("closed")))

    def push(self, tasks: Any, ends: Any) -> None:
        self.begun.append(f"push {tasks}")
        if self.begun.count("push tasks") == 2:
            self.ends.set()  # before, it gave up as when its broker is away

    def watch(self, results: Any) -> None:
        self.begun.append(f"watch {results}")
        if self.begun.count("watch results") == 1:
            raise ConnectionError("the database is away")
        assert self.pushed.wait(10)

    def tell(self) -> None:
        self.begun.append("tell")
        if self.begun.count("tell") == 1:
            raise ConnectionError("the database is away")
        assert self.ends.wait(10)


def test_whichever_fails_begins_again_with_new_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = Queue(monkeypatch)

    courier.carry("tasks", "results", queue.ends, queue.pushed, queue.tell)  # type: ignore[arg-type]

    assert sorted(queue.begun) == sorted(["push tasks", "watch results", "tell"] * 2 + ["closed"] * 3)
    assert queue.pushed.is_set()


@pytest.mark.parametrize(
    ("lives", "pushed", "alive"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_the_pusher_lives_until_it_has_pushed_or_the_courier_is_gone(lives: bool, pushed: bool, alive: bool) -> None:
    event = multiprocessing.Event()
    if pushed:
        event.set()
    process: Any = SimpleNamespace(name="courier", pid=7, exitcode=None if lives else -9, is_alive=lambda: lives)

    part = courier.Pusher(process, event)

    assert (part.is_alive(), part.pid, part.exitcode) == (alive, 7, process.exitcode)
