"""Threads share the connections of their process, on a real server, which counts them."""

import gc
import os
import secrets
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, transaction
from django.db.utils import ConnectionHandler

from config.postgresql import sharing
from config.settings.connections import over_the_network
from config.settings.passwords import rotating
from config.settings.reading import Reader
from tests.postgresql import Server, programs
from tests.stack import wait_for

pytestmark = pytest.mark.skipif(not programs(), reason="needs postgresql")

MOST = 3


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def connections(server: Server, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any) -> Iterator[ConnectionHandler]:
    monkeypatch.setattr(sharing, "_shared", {})
    read = Reader({"DATABASE_URL": server.address(), "DATABASE_CONNECTIONS": str(MOST)})
    database = read.database("DATABASE_URL", "")
    rotating(read, database, "")
    over_the_network(read, database)
    database["OPTIONS"]["application_name"] = secrets.token_hex(8)
    read.finish()
    handler = ConnectionHandler({"default": database})
    with django_db_blocker.unblock():  # no connection of the suite's own database is used here
        yield handler
        handler.close_all()
    for shared in sharing._shared.values():
        for connection, _ in shared._idle:
            connection.close()


def asks(connections: ConnectionHandler, sql: str) -> Any:
    with connections["default"].cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def gives_back(connections: ConnectionHandler) -> None:
    """As Django does after each request, and django-q2 after each task."""
    connections["default"].close_if_unusable_or_obsolete()


def in_a_thread(what: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(what).result()


def ended(server: Server, pid: int) -> None:
    assert server.ask(f"SELECT pg_terminate_backend({pid:d}, 5000)") == [(True,)]


def counted(server: Server, connections: ConnectionHandler) -> int:
    """As the server does, of this test alone."""
    name = connections["default"].settings_dict["OPTIONS"]["application_name"]
    return server.ask("SELECT application_name FROM pg_stat_activity").count((name,))


def a_page(connections: ConnectionHandler) -> int:
    try:
        return int(asks(connections, "SELECT pg_backend_pid() FROM pg_sleep(0.01)"))
    finally:
        gives_back(connections)


def test_many_threads_need_no_more_than_a_process_may_have(server: Server, connections: ConnectionHandler) -> None:
    with ThreadPoolExecutor(12) as pool:
        seen = [future.result() for future in [pool.submit(a_page, connections) for _ in range(60)]]
        assert 1 <= counted(server, connections) <= MOST

    assert len(seen) == 60 and 1 <= len(set(seen)) <= MOST


def test_one_after_the_other_they_use_the_same(connections: ConnectionHandler) -> None:
    assert len({in_a_thread(lambda: a_page(connections)) for _ in range(5)}) == 1


def test_whoever_finds_none_free_for_too_long_is_told_which_setting_it_is(
    connections: ConnectionHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "WAIT_SECONDS", 0.2)
    begun, over = threading.Barrier(MOST + 1), threading.Event()

    def hold() -> None:
        asks(connections, "SELECT 1")
        begun.wait()
        over.wait()
        gives_back(connections)

    with ThreadPoolExecutor(MOST) as pool:
        for _ in range(MOST):
            pool.submit(hold)
        begun.wait()
        try:
            with pytest.raises(OperationalError, match=f"all {MOST} connections .* DATABASE_CONNECTIONS"):
                asks(connections, "SELECT 1")
        finally:
            over.set()

    assert asks(connections, "SELECT 1") == 1


def test_who_comes_first_is_served_first(connections: ConnectionHandler) -> None:
    held = [ThreadPoolExecutor(1) for _ in range(MOST)]
    for each in held:
        each.submit(asks, connections, "SELECT 1").result()
    shared, order = next(iter(sharing._shared.values())), []

    def comes(number: int) -> None:
        asks(connections, "SELECT 1")
        order.append(number)
        gives_back(connections)

    with ThreadPoolExecutor(5) as pool:
        for number in range(5):
            pool.submit(comes, number)
            wait_for(lambda number=number: len(shared._asking) == number + 1)  # type: ignore[misc]
        held[0].submit(gives_back, connections).result()
    for each in held[1:]:
        each.submit(gives_back, connections).result()

    assert order == [0, 1, 2, 3, 4]


def test_one_that_was_lost_while_it_lay_aside_is_not_handed_on(
    server: Server, connections: ConnectionHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "SURE_SECONDS", 0)
    lost = a_page(connections)
    ended(server, lost)

    assert a_page(connections) != lost


def test_one_that_broke_in_use_makes_room_for_another(server: Server, connections: ConnectionHandler) -> None:
    for _ in range(MOST + 1):
        lost = asks(connections, "SELECT pg_backend_pid()")
        ended(server, lost)
        with pytest.raises(OperationalError):
            asks(connections, "SELECT 1")
        gives_back(connections)

    assert a_page(connections)


def test_what_somebody_left_undone_is_undone(connections: ConnectionHandler) -> None:
    asks(connections, "CREATE TABLE IF NOT EXISTS left_undone (number integer)")
    connections["default"].set_autocommit(False)
    asks(connections, "INSERT INTO left_undone VALUES (1)")
    gives_back(connections)

    assert asks(connections, "SELECT count(*) FROM left_undone") == 0
    assert connections["default"].connection.autocommit


def test_nothing_is_laid_aside_in_the_middle_of_a_transaction(
    connections: ConnectionHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "get_connection", lambda using: connections["default"])
    mine = asks(connections, "SELECT pg_backend_pid()")

    with pytest.raises(OperationalError, match="is closed"), transaction.atomic():
        gives_back(connections)
        assert in_a_thread(lambda: a_page(connections)) != mine
        asks(connections, "SELECT 1")


def test_one_that_is_closed_in_earnest_is_gone(server: Server, connections: ConnectionHandler) -> None:
    asks(connections, "SELECT 1")
    assert counted(server, connections) == 1

    connections["default"].close()

    wait_for(lambda: counted(server, connections) == 0)


def test_a_thread_that_ends_without_giving_back_takes_nothing_with_it(connections: ConnectionHandler) -> None:
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):  # psycopg's own, of what nobody closed
        for _ in range(2 * MOST):
            thread = threading.Thread(target=lambda: asks(connections, "SELECT 1"))
            thread.start()
            thread.join()

        assert a_page(connections)
        gc.collect()


def test_a_forked_process_begins_with_none(server: Server, connections: ConnectionHandler) -> None:
    ours = a_page(connections)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, b"same" if a_page(connections) == ours else b"other")
        finally:
            os._exit(0)
    os.waitpid(child, 0)

    assert os.read(reading, 10) == b"other"
    assert a_page(connections) == ours
