"""Connections to the database that a failover or a NAT gateway forgets: nothing is answered, nothing is closed."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import network
from tests.flows.test_database_away import BEAT
from tests.postgresql import Server, programs
from tests.stack import Stack, answers, wait_for
from tests.stack_database import OnServer

pytestmark = [
    pytest.mark.flow,
    pytest.mark.skipif(not programs(), reason="needs postgresql"),
    pytest.mark.skipif(bool(network.missing()), reason=network.missing()),
]
#: Without `config/settings/connections.py` a connection is waited for until the kernel gives up, a quarter of an hour.
PATIENCE = 25


@pytest.fixture
def server() -> Iterator[Server]:
    with network.of_its_own(), Server() as running:
        yield running


@pytest.fixture
def database(server: Server) -> OnServer:
    return OnServer(server.address())


@pytest.fixture
def stack(tmp_path: Path, database: OnServer) -> Iterator[Stack]:
    with Stack(tmp_path, queue_workers=2, its_database=database) as running:
        wait_for(lambda: answers(f"{running.url}/readyz"))
        yield running


def pages(stack: Stack) -> list[int]:
    """How eight that are asked for at once are answered. Raises TimeoutError for one that is not."""

    def page(number: int) -> int:
        try:
            with urllib.request.urlopen(f"{stack.url}/metrics", timeout=PATIENCE) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as answer:
            return answer.code

    with ThreadPoolExecutor(8) as visitors:
        return list(visitors.map(page, range(8)))


def test_pages_and_the_heartbeat_are_back_with_other_connections(
    server: Server, database: OnServer, stack: Stack
) -> None:
    assert pages(stack) == [200] * 8

    assert network.swallow(server.port) >= 5
    database.anew(server.address())
    before = stack.query(BEAT)

    assert set(pages(stack)) <= {200, 503}  # 503: by a connection that was used a moment ago, and is taken for good
    assert pages(stack) == [200] * 8
    wait_for(lambda: stack.query(BEAT) != before, within=PATIENCE)
    assert answers(stack.health_url)
