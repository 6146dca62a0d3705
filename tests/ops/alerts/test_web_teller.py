"""Without a worker web tells people by itself that there is none."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from deployments.ops.alerts import web_teller
from deployments.ops.alerts.web_teller import WebTeller
from deployments.ops.alerts.web_watch import Watch
from deployments.ops.models import Heartbeat
from tests.outbound.web_server import Web, serving
from tests.telling.notifications.people import address, channel

PATH = "/v2/enqueue"


@pytest.fixture
def pager(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    monkeypatch.setattr(connections, "close_all", lambda: None)  # the test's own is under its transaction
    with serving(Web(answers={PATH: (202, {}, b"{}")})) as found:
        yield found


def heard(pager: Web) -> list[tuple[str, str]]:
    events: list[dict[str, Any]] = [json.loads(body) for _, _, body in pager.seen]
    return [(event["event_action"], event["dedup_key"].partition("/")[2]) for event in events]


def until(pager: Web, count: int) -> Callable[[], bool]:
    ends = time.monotonic() + 20
    return lambda: len(pager.seen) >= count or time.monotonic() > ends


@pytest.mark.django_db
def test_web_tells_that_the_worker_is_silent_and_it_is_resolved_once_there_is_one_again(pager: Web) -> None:
    operations = channel("operations", kinds=[], is_operations=True)
    url = f"pagerduty://key/?endpoint={pager.url}{PATH}"
    address(operations, service="pagerduty", url=url, is_internal=True)
    now = timezone.now()
    Heartbeat.objects.create(token="host:1:a", beat_at=now - timedelta(minutes=3))
    silent: list[bool] = []
    watch = Watch(now - timedelta(minutes=10), silent.append)

    watch.look(now)
    web_teller.tell(until(pager, 1))
    watch.look(now)
    web_teller.tell(lambda: bool(pager.seen))
    Heartbeat.objects.update(beat_at=now)
    watch.look(now)
    deliver_as_the_worker_does()
    web_teller.tell(until(pager, 2))

    assert silent == [True, True, False]
    assert heard(pager) == [("trigger", "operations:worker_silent:"), ("resolve", "operations:worker_silent:")]


def deliver_as_the_worker_does() -> None:
    from deployments.record.models import Event
    from deployments.telling.notifications import receiving

    for event in Event.objects.order_by("pk"):
        receiving.receive(event)


def test_one_thread_tells_as_long_as_the_worker_is_silent() -> None:
    begun, ended = threading.Semaphore(0), threading.Event()

    def tell(over: Callable[[], bool]) -> None:
        begun.release()
        while not over():
            time.sleep(0.01)  # as the teller does, which asks `over` between two looks
        ended.set()

    web = WebTeller(tell)
    for is_silent in (False, True, True, True):
        web.note(is_silent)
    assert begun.acquire(timeout=10) and not ended.is_set()
    web.note(False)

    assert ended.wait(10) and not begun.acquire(blocking=False)
