"""Behind pgbouncer in transaction mode, where two statements in a row may reach two sessions of the database."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.postgresql import USER, Server, owner, programs
from tests.stack import ROOT, free_port, wait_for
from tests.stack_database import MIGRATE, fill

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = pytest.mark.skipif(not (programs() and PGBOUNCER), reason="needs postgresql and pgbouncer")

INI = """
[databases]
postgres = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/people
pool_mode = transaction
default_pool_size = 3
logfile = {folder}/log
"""
#: Pages that read whole tables for their forms, by several people at once. Most tables are there; axes' are made by the
#: pooler's connections.
VISIT = """
import django
django.setup()
from concurrent.futures import ThreadPoolExecutor
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connections
from django.test import Client
call_command("migrate", "axes", "zero", verbosity=0)
call_command("migrate", verbosity=0)  # the lock of the first one is given back
person = User.objects.create_superuser("ada", password="x")

def visit(number):
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    try:
        pages = ("/", "/deployments/environment/add/?by_hand=1", "/auth/group/add/")
        return [client.get(page).status_code for page in pages]
    finally:
        connections.close_all()

with ThreadPoolExecutor(6) as people:
    print(sorted({status for statuses in people.map(visit, range(12)) for status in statuses}))
"""


@contextmanager
def pgbouncer(server: Server) -> Iterator[str]:
    """The address of a database behind it."""
    folder, port = Path(tempfile.mkdtemp(prefix="tealgate-pgbouncer-")), free_port()
    folder.chmod(0o777)  # it does not run as root
    (folder / "ini").write_text(INI.format(server=server.port, port=port, folder=folder))
    (folder / "people").write_text(f'"{USER}" ""\n')
    running = subprocess.Popen([*owner(), str(PGBOUNCER), str(folder / "ini")], stderr=subprocess.DEVNULL)
    address = f"postgres://{USER}@127.0.0.1:{port}/postgres"
    try:
        wait_for(lambda: _answers(address), within=20)
        yield address
    finally:
        running.terminate()
        running.wait()
        shutil.rmtree(folder)


def _answers(address: str) -> bool:
    try:
        psycopg.connect(address).close()
    except psycopg.OperationalError:
        return False
    return True


def run(address: str, code: str = VISIT, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.dev", "DATABASE_URL": address,
        "SECRET_KEY": secrets.token_urlsafe(50), "LOG_LEVEL": "ERROR", **more,
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_pages_work_by_one_setting_and_without_it_the_refusal_says_what_pgbouncer_does_not_take() -> None:
    with Server() as server, pgbouncer(server) as address:
        fill(server.address(), lambda: run(server.address(), f"import django; django.setup(); {MIGRATE}"))
        without = run(address)
        visited = run(address, DATABASE_POOLER="transaction")

    assert without.returncode != 0 and "unsupported startup parameter" in without.stderr
    assert visited.stdout.startswith("[200]\n"), visited.stdout + visited.stderr[-2000:]
    assert visited.returncode == 0
