"""Threads of the web server: however many clients wait, so many others are worked for at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from deployments.ops import threads
from tests.stack import wait_for

MOST = 2


@pytest.fixture
def pool() -> Iterator[threads.Threads]:
    made = threads.Threads(MOST)
    yield made
    made.shutdown()
    wait_for(lambda: made.count == 0)


class Waiting:
    """Clients that have stepped aside until they are told."""

    def __init__(self, pool: threads.Threads, count: int) -> None:
        self.told, self.came = threading.Event(), threading.Semaphore(0)
        self.futures = [pool.submit(self._wait) for _ in range(count)]
        for _ in range(count):
            assert self.came.acquire(timeout=30)

    def _wait(self) -> str:
        with threads.aside():
            self.came.release()
            self.told.wait(30)
        return "told"


def answered(futures: list["Future[Any]"]) -> list[Any]:
    return [future.result(timeout=30) for future in futures]


def test_a_page_is_answered_while_a_hundred_wait(pool: threads.Threads) -> None:
    waiting = Waiting(pool, 100)

    assert answered([pool.submit(str.upper, "page") for _ in range(5)]) == ["PAGE"] * 5
    waiting.told.set()
    assert answered(waiting.futures) == ["told"] * 100


def test_threads_end_once_nobody_waits_any_more(pool: threads.Threads) -> None:
    waiting = Waiting(pool, 20)
    assert pool.count > MOST
    waiting.told.set()
    answered(waiting.futures)

    wait_for(lambda: pool.count <= MOST)
    assert answered([pool.submit(str.upper, "page")]) == ["PAGE"]


def test_those_who_are_told_at_once_have_turns_beside_pages(pool: threads.Threads) -> None:
    seen, lock, told = [0, 0], threading.Lock(), threading.Event()
    came = threading.Semaphore(0)

    def work() -> None:
        with lock:
            seen[0] += 1
            seen[1] = max(seen)
        threading.Event().wait(0.002)
        with lock:
            seen[0] -= 1

    def client() -> None:
        with threads.aside():
            came.release()
            told.wait(30)
        work()

    clients = [pool.submit(client) for _ in range(30)]
    for _ in clients:
        assert came.acquire(timeout=30)
    told.set()
    answered([*clients, *(pool.submit(work) for _ in range(30))])

    assert seen == [0, MOST]


def test_as_many_as_there_may_be_work_at_once_and_no_more(pool: threads.Threads) -> None:
    begun, ends = threading.Semaphore(0), threading.Event()

    def page() -> None:
        begun.release()
        ends.wait(30)

    pages = [pool.submit(page) for _ in range(MOST + 3)]

    assert all(begun.acquire(timeout=30) for _ in range(MOST))
    assert (begun.acquire(blocking=False), pool.count) == (False, MOST)
    ends.set()
    answered(pages)


def broken() -> None:
    raise ValueError("broken")


def test_what_goes_wrong_is_told_to_whoever_asks(pool: threads.Threads) -> None:
    with pytest.raises(ValueError, match="broken"):
        pool.submit(broken).result(timeout=30)
    assert answered([pool.submit(str.upper, "page")]) == ["PAGE"]


def test_where_no_thread_is_to_be_had_those_that_there_are_do_it(
    pool: threads.Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answered([pool.submit(str.upper, "page")]) == ["PAGE"]

    def none_left(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none_left)

    assert answered([pool.submit(str.upper, "page") for _ in range(9)]) == ["PAGE"] * 9
    assert pool.count == 1


def test_work_that_was_cancelled_before_it_began_is_left_out(pool: threads.Threads) -> None:
    begun, ends = threading.Semaphore(0), threading.Event()

    def page() -> None:
        begun.release()
        ends.wait(30)

    for _ in range(MOST):
        pool.submit(page)
    assert all(begun.acquire(timeout=30) for _ in range(MOST))
    last = pool.submit(str.upper, "page")

    assert last.cancel()
    ends.set()
    assert answered([pool.submit(str.upper, "next")]) == ["NEXT"]


def test_after_the_end_nothing_is_taken_on(pool: threads.Threads) -> None:
    pool.shutdown()

    with pytest.raises(RuntimeError, match="No more work"):
        pool.submit(str.upper, "page")
