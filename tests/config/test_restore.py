"""compose.yaml's backup job and the commands of docs/operations.md, run by a shell against a server."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.postgresql import Server, programs
from tests.stack_database import fill

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "of-the-database"
pytestmark = pytest.mark.skipif(not (programs() and shutil.which("pg_dump")), reason="needs postgresql")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(PASSWORD) as running:
        yield running


def test_what_the_job_dumps_is_there_again_by_the_commands_of_the_docs(tmp_path: Path, server: Server) -> None:
    there = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "tealgate", "PGPASSWORD": PASSWORD}
    server.ask("CREATE DATABASE tealgate")
    address = server.address(database="tealgate")
    fill(address, lambda: manage("migrate", "--verbosity", "0", address=address))
    manage("create_roles", address=address)
    for day in range(1, 17):
        (tmp_path / f"tealgate-202601{day:02}T030000Z.dump").touch()

    dump = backup(tmp_path, there)

    assert dump.parent == tmp_path and dump.stat().st_mode & 0o777 == 0o600
    kept = sorted(path.name for path in tmp_path.glob("*.dump*"))
    assert (len(kept), kept[0], kept[-1]) == (14, "tealgate-20260104T030000Z.dump", dump.name)

    manage("shell", "-c", "from django.contrib.auth.models import Group; Group.objects.all().delete()", address=address)
    dump.rename(tmp_path / "tealgate.dump")
    for command in commands("ALTER DATABASE"):
        run(command, tmp_path, there)

    groups = "from django.contrib.auth.models import Group; print(sorted(Group.objects.values_list('name', flat=True)))"
    assert "Administrators" in manage("shell", "--verbosity", "0", "-c", groups, address=address)
    manage("migrate", "--check", address=address)
    manage("verify_events", address=address)
    assert server.ask("SELECT 1 FROM pg_database WHERE datname = 'tealgate_before'")


def test_the_docs_dump_as_the_job_does() -> None:
    (command,) = [line for line in commands("pg_dump") if line.startswith("pg_dump")]

    assert command == "pg_dump --format=custom --file=tealgate.dump tealgate"
    assert "pg_dump --format=custom --file=" in job()["command"][-1]


def job() -> dict[str, Any]:
    services: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    return services["backup"]


def backup(folder: Path, there: Mapping[str, str]) -> Path:
    """The file that it names."""
    secret = folder / "password"
    secret.write_text(PASSWORD)
    given = {**there, "PGPASSWORD": "", "PGDATABASE": "tealgate"}
    given |= {"DATABASE_PASSWORD_FILE": str(secret), "BACKUPS": str(folder)}
    program, flags, script = job()["command"]
    environment = {"PATH": os.environ["PATH"], **given}
    done = subprocess.run(
        [program, flags, script.replace("$$", "$")], env=environment, capture_output=True, text=True, check=True
    )
    return Path(done.stdout.strip())


def commands(word: str) -> list[str]:
    """Those of the block in the docs that has `word`."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "docs/operations.md").read_text(), re.MULTILINE | re.DOTALL)
    (block,) = [str(block) for block in blocks if word in block]
    return block.splitlines()


def run(command: str, folder: Path, there: Mapping[str, str]) -> None:
    environment = {"PATH": os.environ["PATH"], **there}
    subprocess.run(["sh", "-euc", command], cwd=folder, env=environment, capture_output=True, check=True)


def manage(*words: str, address: str) -> str:
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings.production", "SECRET_KEY": "s" * 64}
    environment |= {"ALLOWED_HOSTS": "tealgate.example.com", "DATABASE_URL": address}
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
