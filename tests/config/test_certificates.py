"""sslmode=verify-full, as the Terraform module and certificates/README.md have it, against a server with TLS."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from config.settings.reading import Reader
from tests.postgresql import Server, programs

ROOT = Path(__file__).resolve().parents[2]
IN_THE_IMAGE = "/app/certificates/database.pem"
pytestmark = pytest.mark.skipif(not (programs() and shutil.which("openssl")), reason="needs postgresql and openssl")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        [(folder,)] = running.ask("SHOW data_directory")
        certificate(Path(str(folder)), "server")
        if os.getuid() == 0:
            for name in ("server.crt", "server.key"):
                shutil.chown(Path(str(folder)) / name, "postgres")
        running.ask("ALTER SYSTEM SET ssl = on")
        running.ask("SELECT pg_reload_conf()")
        deadline = time.monotonic() + 20
        while running.ask("SHOW ssl") != [("on",)]:
            assert time.monotonic() < deadline
        yield running


def certificate(folder: Path, name: str) -> Path:
    """Self-signed, so that it is its own authority."""
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    words += ["-addext", "subjectAltName=IP:127.0.0.1"]
    made = folder / f"{name}.crt"
    subprocess.run([*words, "-keyout", folder / f"{name}.key", "-out", made], check=True, capture_output=True)
    return made


def secured(server: Server, django_db_blocker: Any, file: Path) -> bool:
    """Whether a connection is encrypted. Raises OperationalError."""
    address = f"{server.address()}?sslmode=verify-full&sslrootcert={file}"
    database = Reader({"DATABASE_URL": address}).database("DATABASE_URL", "")
    connection = ConnectionHandler({"default": database})["default"]
    try:
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            return bool(cursor.fetchone()[0])
    finally:
        connection.close()


def test_the_database_is_recognized_by_its_authority_and_by_no_other(
    server: Server, tmp_path: Path, django_db_blocker: Any
) -> None:
    [(folder,)] = server.ask("SHOW data_directory")
    own = shutil.copyfile(Path(str(folder)) / "server.crt", tmp_path / "database.pem")

    assert secured(server, django_db_blocker, own)
    with pytest.raises(OperationalError, match="certificate verify failed"):
        secured(server, django_db_blocker, certificate(tmp_path, "other"))


def test_an_image_without_certificates_connects_to_nobody_and_the_error_names_the_file(
    server: Server, tmp_path: Path, django_db_blocker: Any
) -> None:
    missing = tmp_path / "database.pem"

    with pytest.raises(OperationalError, match=f'root certificate file "{missing}" does not exist'):
        secured(server, django_db_blocker, missing)


def test_the_image_has_what_is_put_there_where_terraform_looks_for_it_and_git_has_not() -> None:
    assert re.search(r"^COPY certificates certificates$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert "!certificates\n" in (ROOT / ".dockerignore").read_text()
    assert IN_THE_IMAGE in (ROOT / "infra/terraform/modules/tealgate/variables.tf").read_text()
    assert IN_THE_IMAGE in (ROOT / "certificates/README.md").read_text()
    told = ["git", "check-ignore", "--quiet", "certificates/database.pem"]
    assert subprocess.run(told, cwd=ROOT, check=False).returncode == 0
