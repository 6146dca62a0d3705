"""The worker as a real process with a database of its own, and what is left when it is killed."""

import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import Schedule

from deployments.delivery.engine import leases
from deployments.delivery.models import EventsQueue
from deployments.management.commands import worker as command
from deployments.ops import events_listener
from deployments.ops.worker import cluster
from deployments.ops.worker import listener as listening
from deployments.record.append import append_event
from deployments.record.models import Outbox
from deployments.telling.webhooks.models import WebhookDelivery, WebhookSubscription
from tests.delivery.engine.world import make_world
from tests.forkserver import TEALGATE, Forked, forkserver
from tests.stack_database import ROOT, File

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills children with their parent")


class Worker:
    def __init__(self, folder: Path, queue: str = "orm") -> None:
        self._database = File(folder / "worker.sqlite3")
        self._environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "DATABASE_URL": self._database.url,
            "QUEUE": queue,
            "QUEUE_WORKERS": "2",
            "LOG_FORMAT": "json",
        }
        self._database.make_tables(self._run)
        self.process = self.start()

    def _run(self, code: str) -> None:
        command = [sys.executable, "manage.py", "shell", "--command", code]
        subprocess.run(command, cwd=ROOT, env=self._environment, check=True, stdout=subprocess.DEVNULL)

    def start(self) -> Forked:
        with open(os.devnull, "wb") as nowhere:
            ahead = forkserver(*TEALGATE)
            self.process = ahead.start(["manage.py", "worker"], self._environment, nowhere, talks=False)
        eventually(lambda: len(self.family()) == 5, "sentinel, courier and two workers", 30)
        return self.process

    def family(self) -> set[int]:
        """Pids of the worker's parent and of everything it forked."""
        found, waiting = set(), [self.process.pid]
        while waiting:
            pid = waiting.pop()
            found.add(pid)
            try:
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
            except FileNotFoundError:
                continue
            waiting += [int(child) for child in children.split()]
        return found

    def beats(self) -> bool:
        """The heartbeat is seen to move."""
        before = self.query("SELECT beat_at FROM deployments_heartbeat")
        eventually(lambda: self.query("SELECT beat_at FROM deployments_heartbeat") != before, "heartbeat")
        return True

    def query(self, sql: str) -> str:
        return str(self._database.query(sql))


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    running = Worker(tmp_path)
    yield running
    for pid in running.family():
        _kill(pid)
    running.process.wait()


def eventually(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"no {what} within {seconds} s"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_killing_the_worker_leaves_no_process_behind_and_another_goes_on(worker: Worker) -> None:
    family = worker.family()

    worker.process.kill()

    eventually(lambda: not any(map(is_alive, family)), "end of all its children")
    worker.process.wait()
    worker.start()
    assert worker.beats()


def test_killing_one_of_its_processes_starts_all_afresh(worker: Worker) -> None:
    """Any of them may have held the queue's lock, and the others would wait for it for ever."""
    before = worker.family()
    victim = max(before)

    os.kill(victim, signal.SIGKILL)

    eventually(lambda: len(worker.family() - before) == 4, "four new processes")
    assert worker.process.poll() is None
    assert worker.beats()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_ends_well_and_soon(worker: Worker, number: signal.Signals) -> None:
    family = worker.family()

    worker.process.send_signal(number)

    assert worker.process.wait(60) == 0
    assert not any(map(is_alive, family))


@pytest.mark.skipif(not shutil.which("redis-server"), reason="needs redis-server")
@pytest.mark.parametrize("redis_is", ["there", "gone", "frozen"])
def test_the_queue_may_be_redis_and_away_when_the_worker_is_asked_to_stop(tmp_path: Path, redis_is: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    redis = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    running = None
    try:
        eventually(lambda: _listens(port), "answer from Redis")
        running = Worker(tmp_path, f"redis://127.0.0.1:{port}/0")
        assert running.beats()
        family = running.family()
        if redis_is != "there":
            redis.send_signal(signal.SIGKILL if redis_is == "gone" else signal.SIGSTOP)
        running.process.terminate()
        assert running.process.wait(60) == 0
        assert not any(map(is_alive, family))
    finally:
        for process in (running.process if running else redis, redis):
            process.kill()
            process.wait()


@pytest.mark.django_db
def test_whatever_a_killed_worker_held_goes_on_at_once() -> None:
    world = make_world()
    event = append_event(world.environment, "environment.adopted", "one", now=world.clock())
    later = world.clock() + timedelta(seconds=90)
    held = {"lease_token": f"{leases.host()}:no process:0123", "lease_expires_at": later}
    webhook = WebhookSubscription.objects.create(
        name="chat", url="https://hooks.example.com/", secret="whsec_eA==", made_at=later, on_since=later
    )
    Outbox.objects.create(event=event, due_at=later, **held)
    for number, token in enumerate((held["lease_token"], leases.token())):
        WebhookDelivery.objects.create(
            subscription=webhook, chain="environment:1", number=number, message_id="x", kind="x", body="{}",
            made_at=later, due_at=later, **held | {"lease_token": token},
        )  # fmt: skip

    command.free_the_rest()

    assert Outbox.objects.get().lease_token == ""
    assert [bool(each.lease_token) for each in WebhookDelivery.objects.order_by("number")] == [False, True]


@pytest.mark.django_db
def test_the_heartbeat_is_scheduled_once_whatever_was_there() -> None:
    for minutes in (5, 7):
        Schedule.objects.create(name="heartbeat", func="old", schedule_type=Schedule.MINUTES, minutes=minutes)

    command.ensure_schedule()
    command.ensure_schedule()

    row = Schedule.objects.get(name="heartbeat")
    assert (row.func, row.minutes, row.repeats) == ("deployments.tasks.heartbeat", 1, -1)


def test_the_processes_that_are_forked_get_no_connection_to_the_queue_of_their_parent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handed: list[tuple[object, ...]] = []
    sentinel = object.__new__(cluster.Sentinel)
    for name, value in {"task_queue": "tasks", "result_queue": "results", "event_out": "out", "broker": "own"}.items():
        setattr(sentinel, name, value)
    forked = SimpleNamespace(name="courier", pid=7)

    def spawn_process(target: object, *words: object) -> SimpleNamespace:
        handed.append(words)
        return forked

    monkeypatch.setattr(sentinel, "spawn_process", spawn_process)

    sentinel.monitor = sentinel.spawn_monitor()
    sentinel.spawn_pusher()

    ((*words, _),) = handed
    assert words == ["tasks", "results", "out"]


def test_the_listener_is_started_again_when_it_ends_and_ends_with_the_worker(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(events_listener, "run", lambda region, name: time.sleep(60))
    monkeypatch.setattr(listening, "LISTENER_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(listening, "connections", SimpleNamespace(close_all=lambda: None))
    settings.EVENTS_QUEUE = ("eu-central-1", "tealgate-events")
    listener = listening.Listener()

    def started() -> int:
        listener.keep_running()
        return next((child.pid or 0 for child in multiprocessing.active_children() if child.name == "listener"), 0)

    first = started()
    assert first == started() != 0
    _kill(first)
    eventually(lambda: started() not in (0, first), "another listener", 10)
    last = started()
    listener.end()

    assert not is_alive(last)


def test_without_a_queue_of_events_there_is_no_listener_and_none_is_waited_for(
    settings: Any, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EVENTS_QUEUE = None
    EventsQueue.objects.create(read_at=timezone.now())
    monkeypatch.setattr(command, "connections", SimpleNamespace(close_all=lambda: None))

    command.prepare(lambda: False)
    listener = listening.Listener()
    listener.keep_running()
    listener.end()

    assert not EventsQueue.objects.exists()
    assert "listener" not in {child.name for child in multiprocessing.active_children()}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
