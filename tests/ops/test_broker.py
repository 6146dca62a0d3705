"""The queue that the worker's processes ask, with a Redis that is away and one that comes back."""

import pickle
import socket
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django_q.conf import Conf
from django_q.signing import BadSignature, SignedPackage
from redis.exceptions import ConnectionError as RedisIsAway
from structlog.testing import capture_logs

from deployments.delivery import queue as door
from deployments.ops import broker, draining
from deployments.ops.worker import heartbeats


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    seen: list[float] = []
    monkeypatch.setattr(draining, "sleep", seen.append)
    return seen


@pytest.fixture
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    monkeypatch.setattr(Conf, "ORM", None)
    monkeypatch.setattr(Conf, "SQS", None)
    monkeypatch.setattr(Conf, "REDIS", f"redis://127.0.0.1:{port}/0")
    return port


def test_who_waits_for_tasks_goes_on_waiting_ever_longer(nobody_listens: int, pauses: list[float]) -> None:
    queue = broker.Broker()

    with capture_logs() as lines:
        assert [queue.dequeue() for _ in range(7)] == [None] * 7

    assert pauses == [0.5, 1, 2, 4, 8, 10, 10]
    assert {line["event"] for line in lines} == {"the queue does not answer"}
    assert all("Traceback" not in str(line) for line in lines)


def test_who_acknowledges_a_task_does_not_end(nobody_listens: int) -> None:
    with capture_logs() as lines:
        broker.Broker().acknowledge("receipt")
        broker.Broker().fail("receipt")

    # Redis knows neither: its tasks are gone when they are taken.
    assert [line["event"] for line in lines] == []


def test_it_is_made_without_asking_anybody_and_says_that_it_answers(nobody_listens: int) -> None:
    queue = broker.Broker()
    assert queue.ping()
    queue.set_stat("key", "value", 3)
    assert pickle.loads(pickle.dumps(queue)).ping()  # noqa: S301 - our own


def test_who_enqueues_hears_of_it(nobody_listens: int) -> None:
    with pytest.raises(RedisIsAway):
        broker.Broker().enqueue("task")


@pytest.mark.parametrize(
    "lost",
    [lambda: door._enqueue([7]), lambda: door.ask("deliver")],
    ids=["nudge", "delivery"],
)
def test_what_it_does_not_take_is_a_line_of_the_log(nobody_listens: int, lost: Callable[[], None]) -> None:
    with capture_logs() as lines:
        lost()

    [line] = lines
    assert str(nobody_listens) in line["error"] and "\n" not in line["error"]
    assert "exc_info" not in line


@pytest.mark.django_db
def test_a_worker_that_begins_waits_for_it_and_is_not_started_again_for_its_sake(
    nobody_listens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeats, "SHORTEST_PAUSE", 0.01)
    monkeypatch.setattr(heartbeats, "LOOK_EVERY", 0.01)
    looks = iter(range(9))

    def stopping() -> bool:
        if next(looks) == 4:
            monkeypatch.setattr(Conf, "ORM", "default")
            monkeypatch.setattr(Conf, "REDIS", None)
        return False

    with capture_logs() as lines:
        heartbeats.begin(stopping)

    assert {line["event"] for line in lines} == {"the queue does not answer, so the worker waits"}
    assert broker.Broker().queue_size() == 1


def test_one_that_waits_ends_when_it_is_asked_to(nobody_listens: int) -> None:
    asked = iter([False, True, True])

    with capture_logs() as lines:
        heartbeats.begin(lambda: next(asked))

    assert len(lines) == 1


@pytest.mark.django_db
def test_once_it_answers_the_next_pause_is_short_again(
    nobody_listens: int, pauses: list[float], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(broker, "connections", SimpleNamespace(close_all=lambda: None))  # the test's own goes on
    queue = broker.Broker()
    queue.dequeue()
    queue.dequeue()
    monkeypatch.setattr(Conf, "ORM", "default")
    monkeypatch.setattr(Conf, "REDIS", None)

    assert queue.enqueue("task") and queue.queue_size() == 1
    with capture_logs() as lines:
        ((number, payload),) = queue.dequeue()
    queue.acknowledge(number)

    assert payload == "task" and queue.queue_size() == queue.lock_size() == 0
    assert [line["event"] for line in lines] == ["the queue answers again"]
    assert pauses == [0.5, 1]


def test_a_task_that_another_key_signed_is_taken_while_a_new_one_is_brought_in(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(Conf, "SECRET_KEY", "the other key")
    theirs = SignedPackage.dumps({"func": "deployments.tasks.advance", "args": ([7],)})
    monkeypatch.setattr(Conf, "SECRET_KEY", "ours")
    with pytest.raises(BadSignature):
        SignedPackage.loads(broker.signed_by_us(theirs))

    settings.SECRET_KEY_FALLBACKS = ["a third one", "the other key"]

    assert SignedPackage.loads(broker.signed_by_us(theirs))["args"] == ([7],)
    forged = theirs[:-1] + ("a" if theirs[-1] != "a" else "b")
    with pytest.raises(BadSignature):
        SignedPackage.loads(broker.signed_by_us(forged.encode()))
