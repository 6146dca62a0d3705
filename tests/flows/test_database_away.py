"""PostgreSQL is restarted and gets another password, under traffic and a canary: nobody's release pays for it."""

import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.flows.test_killed_worker import ASK, LOOK
from tests.flows.traffic import Traffic
from tests.postgresql import Server, programs
from tests.stack import Stack, answers, wait_for
from tests.stack_database import OnServer

pytestmark = [pytest.mark.flow, pytest.mark.skipif(not programs(), reason="needs postgresql")]

OLD, NEW = "the-old-password", "the-new-password"
BEAT = "SELECT beat_at FROM deployments_heartbeat"
#: Long enough for an outage and all that follows from it.
POLICY = {"canary_bake_seconds": 12, "bake_seconds": 1, "termination_wait_seconds": 1, "min_requests": 5}


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(OLD) as running:
        yield running


@pytest.fixture
def database(tmp_path: Path, server: Server) -> OnServer:
    """Its address is in a file, as a container engine hands out secrets."""
    made = OnServer(server.address())
    (tmp_path / "address").write_text(made.url)
    return made


@pytest.fixture
def stack(tmp_path: Path, database: OnServer) -> Iterator[Stack]:
    more = {"DATABASE_URL": "", "DATABASE_URL_FILE": str(tmp_path / "address")}
    with Stack(
        tmp_path, scale=20, policy=POLICY, queue_workers=3, forked=True, more=more, its_database=database
    ) as running:
        yield running


def look(stack: Stack) -> tuple[Any, ...]:
    [seen] = stack.query(LOOK)
    return seen


def it_is_watched_within(seconds: float, stack: Stack) -> None:
    before = stack.query(BEAT)
    wait_for(lambda: stack.query(BEAT) != before, within=seconds)


def connections_under_pages(stack: Stack, server: Server, password: str) -> int:
    """The most that the server counts while twenty visitors ask for what each page reads from it."""

    def page() -> bool:
        with urllib.request.urlopen(f"{stack.url}/metrics", timeout=30) as answer:
            return bool(answer.status == 200)

    counted = []
    with ThreadPoolExecutor(20) as visitors:
        pages = [visitors.submit(page) for _ in range(60)]
        while not all(page.done() for page in pages):
            counted.append(len(server.ask("SELECT 1 FROM pg_stat_activity WHERE usename = 'tealgate'", password)))
    assert all(page.result() for page in pages)
    return max(counted)


def test_a_canary_outlasts_a_restart_of_the_database_and_another_password(
    tmp_path: Path, server: Server, database: OnServer, stack: Stack
) -> None:
    with Traffic(stack.listener(8082), rate=20) as traffic:
        stack.run(ASK)
        wait_for(lambda: look(stack)[1] == "PRODUCTION_TRAFFIC_SHIFT")

        server.stop()
        assert answers(f"{stack.url}/healthz"), "a load balancer must not replace web for a fault of the database"
        server.start()
        database.anew(server.address())
        it_is_watched_within(5, stack)

        server.set_password(NEW)
        database.anew(server.address(NEW))
        (tmp_path / "address").write_text(database.url)
        it_is_watched_within(5, stack)
        # As docs/self-hosting.md counts: 4 of the web process, 3 + 4 of the worker; and this test's own three.
        assert connections_under_pages(stack, server, NEW) <= 4 + (3 + 4) + 3
        wait_for(lambda: look(stack)[0] not in ("PENDING", "IN_PROGRESS"))

    assert look(stack)[0] == "SUCCESSFUL", look(stack)
    assert traffic.lost == 0
    assert answers(f"{stack.url}/login/")


def test_while_the_database_hangs_and_every_thread_waits_for_it_web_is_called_alive(
    server: Server, stack: Stack
) -> None:
    assert answers(f"{stack.url}/login/")
    server.freeze()
    try:
        with ThreadPoolExecutor(20) as visitors:
            pages = [visitors.submit(answers, f"{stack.url}/readyz") for _ in range(20)]
            lives = [answers(stack.health_url) for _ in range(10)]
            assert not any(page.result() for page in pages)
    finally:
        server.thaw()

    assert lives == [True] * 10
    wait_for(lambda: answers(f"{stack.url}/readyz"), within=30)
