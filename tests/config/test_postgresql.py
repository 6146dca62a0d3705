"""A password that is changed while Tealgate runs, on a real server."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler
from structlog.testing import capture_logs

from config.postgresql import base
from config.settings.passwords import rotating
from config.settings.reading import Reader
from deployments import clock, logs
from tests.postgresql import Server, programs

pytestmark = pytest.mark.skipif(not programs(), reason="needs postgresql")

made: list[Any] = []
OLD, NEW = "the-old-password", "the-new-password"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(OLD) as running:
        yield running


@pytest.fixture(autouse=True)
def old_again(server: Server, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any) -> Iterator[None]:
    monkeypatch.setattr(base, "_read_at", {})
    with django_db_blocker.unblock():  # no connection of the suite's own database is used here
        yield
    while made:
        made.pop().close()
    if server_password(server) != OLD:
        server.set_password(OLD, NEW)


def server_password(server: Server) -> str:
    try:
        server.ask("SELECT 1")
    except Exception:
        return NEW
    return OLD


def secret(folder: Path, password: str) -> str:
    (folder / "secret").write_text(json.dumps({"username": "tealgate", "password": password, "engine": "postgres"}))
    return str(folder / "secret")


def connected(variables: dict[str, str]) -> Any:
    read = Reader(variables)
    database = read.database("DATABASE_URL", "")
    rotating(read, database, read.secret("DATABASE_SECRET", "", example=""))
    read.finish()
    made.append(ConnectionHandler({"default": database})["default"])
    return made[-1]


def without_login(server: Server) -> str:
    return server.address().replace(f"tealgate:{OLD}@", "")


def who(connection: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


def test_rdss_own_secret_in_a_file_is_read_again_when_the_server_refuses_the_old_password(
    server: Server, tmp_path: Path
) -> None:
    connection = connected({"DATABASE_URL": without_login(server), "DATABASE_SECRET_FILE": secret(tmp_path, OLD)})
    assert who(connection) == "tealgate"
    server.set_password(NEW)
    secret(tmp_path, NEW)
    connection.close()

    with capture_logs() as lines:
        assert who(connection) == "tealgate"

    assert [line["event"] for line in lines] == ["the database's password was changed, and has been read again"]
    assert logs.Redact(())(None, "info", {"error": f"of {NEW}"}) == {"error": "of [redacted]"}
    connection.close()
    assert who(connection) == "tealgate"


def test_the_servers_time_is_gone_by_whatever_this_host_says(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_anchor", None)
    connection = connected({"DATABASE_URL": server.address()})
    with capture_logs() as lines:
        assert who(connection) == "tealgate"
        assert clock.is_fresh()
        wrong = clock.Anchor(datetime(2026, 3, 2, tzinfo=UTC), time.monotonic() - clock.FRESH_SECONDS, 0)
        monkeypatch.setattr(clock, "_anchor", wrong)  # what was heard half a minute ago

        assert connection.is_usable()

    assert lines == []
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=clock.OFF_SECONDS)
    assert connection.is_usable()
    monkeypatch.setattr(clock, "_anchor", None)
    server.stop()
    try:
        assert not connection.is_usable()
    finally:
        server.start()


def test_all_who_are_refused_in_the_same_moment_come_in_by_one_reading(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "address"
    file.write_text(server.address())
    first = connected({"DATABASE_URL_FILE": str(file)})
    visitors = [ConnectionHandler({"default": first.settings_dict})["default"] for _ in range(8)]
    server.set_password(NEW)
    file.write_text(server.address(NEW))
    together = threading.Barrier(len(visitors))

    def comes(visitor: Any) -> str:
        visitor.inc_thread_sharing()
        made.append(visitor)
        together.wait()
        return who(visitor)

    with capture_logs() as lines, ThreadPoolExecutor(len(visitors)) as pool:
        assert set(pool.map(comes, visitors)) == {"tealgate"}

    assert len(lines) == 1


def test_an_address_in_a_file_is_read_again_as_well(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "address"
    file.write_text(server.address())
    connection = connected({"DATABASE_URL_FILE": str(file)})
    assert who(connection) == "tealgate"
    server.set_password(NEW)
    file.write_text(server.address(NEW))
    connection.close()

    assert who(connection) == "tealgate"


def test_a_password_that_is_wrong_for_good_is_asked_for_once_a_second_at_most(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "address"
    file.write_text(server.address(NEW))
    connection = connected({"DATABASE_URL_FILE": str(file)})

    for _ in range(3):
        with pytest.raises(OperationalError, match="authentication failed"):
            who(connection)
    file.write_text(server.address())
    with pytest.raises(OperationalError, match="authentication failed"):
        who(connection)
    base._read_at.clear()  # a second later

    assert who(connection) == "tealgate"


def test_a_secret_that_is_gone_or_broken_is_said_without_a_word_of_it(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    secret(tmp_path, OLD)
    connection = connected({"DATABASE_URL": without_login(server), "DATABASE_SECRET_FILE": str(file)})
    file.write_text('{"password": "hush"')

    with pytest.raises(OperationalError, match="holds no user and password") as broken:
        who(connection)
    file.unlink()
    with pytest.raises(OperationalError, match="cannot be read: No such file"):
        who(connection)

    assert "hush" not in str(broken.value)


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"DATABASE_URL": "sqlite:///x", "DATABASE_SECRET": "arn:aws:x"}, "DATABASE_URL names no PostgreSQL"),
        (
            {"DATABASE_URL": "postgres://u:p@h/d", "DATABASE_SECRET": "arn:aws:x"},
            "has a user or a password, and so has",
        ),
        ({"DATABASE_URL": "postgres://h/d", "DATABASE_SECRET": "hush"}, "DATABASE_SECRET cannot be understood"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_start(
    variables: dict[str, str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        connected(variables)

    said = capsys.readouterr().err
    assert complaint in said and "hush" not in said
