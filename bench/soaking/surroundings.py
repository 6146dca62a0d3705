"""What Tealgate leans on beside its database, each of which can be away on order: Redis, credentials, the clock."""

import json
import shutil
import signal
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from tests.postgresql import Server
from tests.stack import free_port
from tests.stack_database import OnServer

SOURCE = Path(__file__).with_name("clock.c")


class Redis:
    def __init__(self) -> None:
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.thaw()
        self.kill()

    def start(self) -> None:
        words = ["redis-server", "--port", str(self._port), "--bind", "127.0.0.1", "--save", ""]
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL, start_new_session=True)

    def kill(self) -> None:
        """With all that it held."""
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)


class CredentialsEndpoint:
    """What ECS puts at 169.254.170.2: credentials of the task's role, or a 500 as long as `away` is set."""

    #: botocore insists on new ones ten minutes before the end, so these last for so long.
    LAST = timedelta(minutes=10, seconds=15)

    def __init__(self) -> None:
        self.away = threading.Event()
        self.refused = 0
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = b"" if endpoint.away.is_set() else endpoint._credentials()
                endpoint.refused += not body
                self.send_response(200 if body else 500)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def variables(self) -> dict[str, str]:
        url = f"http://127.0.0.1:{self._server.server_port}/credentials"
        return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}

    def _credentials(self) -> bytes:
        ends = datetime.now(UTC) + self.LAST
        said = {"AccessKeyId": "task", "SecretAccessKey": "task", "Token": "task", "RoleArn": "arn:aws:iam::1:role/t"}
        return json.dumps({**said, "Expiration": f"{ends:%Y-%m-%dT%H:%M:%SZ}"}).encode()


class Clock:
    """The time of day as web and worker have it: the rest of the machine keeps its own. Needs a C compiler."""

    def __init__(self, home: Path) -> None:
        self._library, self._file = home / "clock.so", home / "clock"
        self.can_be_set = bool(shutil.which("cc"))
        if self.can_be_set:
            words = ["cc", "-shared", "-fPIC", "-O2", "-o", str(self._library), str(SOURCE), "-ldl"]
            subprocess.run(words, check=True)
        self._ahead = 0
        self._file.write_bytes(self._number)

    @property
    def variables(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self._library), "CLOCK_AHEAD": str(self._file)} if self.can_be_set else {}

    def step(self, seconds: int) -> None:
        self._ahead += seconds
        with self._file.open("r+b", buffering=0) as file:
            file.write(self._number)

    @property
    def _number(self) -> bytes:
        return struct.pack("=q", self._ahead)


@dataclass(frozen=True)
class Surroundings:
    server: Server
    database: OnServer
    #: where the database's address is, as Tealgate reads it
    address: Path
    redis: Redis
    credentials: CredentialsEndpoint
    clock: Clock

    @property
    def variables(self) -> dict[str, str]:
        """By which web and worker find them."""
        return {
            "DATABASE_URL": "",
            "DATABASE_URL_FILE": str(self.address),
            **self.credentials.variables,
            **self.clock.variables,
        }


@contextmanager
def surroundings(home: Path, password: str) -> Iterator[Surroundings]:
    with Server(password) as server, Redis() as redis, CredentialsEndpoint() as credentials:
        database = OnServer(server.address())
        address = home / "address"
        address.write_text(database.url)
        yield Surroundings(server, database, address, redis, credentials, Clock(home))
