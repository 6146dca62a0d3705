"""Tealgate from its images, as compose.yaml puts it together, on loopback: nginx and web, worker, PostgreSQL, Redis.

AWS is the sandbox. The demo's shop and people are written into the database from here, as people would by hand.
"""

import os
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.image import building, servers
from tests.image.containers import Container
from tests.stack import LISTENERS, ROOT, answers, free_port, wait_for

HOST = "tealgate.example.com"
#: What a load balancer calls a task by.
ADDRESS = "10.0.2.106"


@dataclass
class Task:
    """A web task: nginx and web, with a socket that both see. `port` speaks HTTP, `tls_port` HTTPS if it has one."""

    web: Container
    nginx: Container
    port: int
    tls_port: int = 0

    def start(self) -> Self:
        self.web.start()
        self.nginx.start()
        return self

    def is_healthy(self) -> bool:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/healthz", headers={"Host": ADDRESS})
        with suppress(OSError), urllib.request.urlopen(request, timeout=2) as answer:
            return bool(answer.status == 200)
        return False

    def wait(self) -> None:
        wait_for(self.is_healthy, every=0.02)

    def stop(self) -> list[int | None]:
        """Both containers get their signal in the same moment, as ECS sends it."""
        for container in (self.nginx, self.web):
            container.ask_to_stop()
        return [container.ended() for container in (self.nginx, self.web)]


@dataclass
class Installation:
    home: Path
    scale: float = 20
    _stack: ExitStack = field(default_factory=ExitStack)
    _count: int = 0

    def __enter__(self) -> Self:
        self.home.chmod(0o755)
        with ExitStack() as stack:
            self.tealgate, self.nginx = building.tealgate(), building.nginx()
            self.database = stack.enter_context(servers.postgresql())
            self.queue = stack.enter_context(servers.redis(self.home))
            self._secrets()
            self._start_sandbox(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def variables(self) -> dict[str, str]:
        """For web, worker and migrate, secrets as files where compose.yaml has them as files."""
        return {
            "SECRET_KEY_FILE": "/run/secrets/secret_key",
            "DATABASE_URL_FILE": "/run/secrets/database_url",
            "ALLOWED_HOSTS": HOST,
            "QUEUE": self.queue,
            "QUEUE_WORKERS": "2",
            "AWS_ENDPOINT_URL": self.sandbox_url,
            "AWS_ACCESS_KEY_ID": "installation",
            "AWS_SECRET_ACCESS_KEY": "installation",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def migrate(self) -> str:
        words = "python manage.py migrate --noinput && python manage.py create_roles"
        return self._tealgate("migrate", ["sh", "-c", words]).run()

    def manage(self, *words: str) -> str:
        return self._tealgate("manage", ["python", "manage.py", *words]).run()

    def worker(self) -> Container:
        return self._tealgate("worker", ["python", "manage.py", "worker"])

    def web(self, name: str, **variables: str) -> Container:
        return self._tealgate(name, [], **variables)

    def task(
        self, trusted: str = "", tls: bool = False, nginx: Mapping[str, str] | None = None, **variables: str
    ) -> Task:
        """A web task of its own: not started yet. `nginx` has variables of that container, `variables` are web's."""
        self._count += 1
        name, port, tls_port = f"task{self._count}", free_port(), free_port()
        socket = self.home / name
        socket.mkdir()
        os.chown(socket, 10001, 10001)
        sockets = {
            "WEB_BIND": "unix:/run/tealgate/web.sock",
            "WEB_HEALTH_BIND": "unix:/run/tealgate/health.sock",
        }
        web = self.web(f"{name}-web", **sockets, **variables)
        web.volumes = {**web.volumes, socket: "/run/tealgate"}
        given = {
            "WEB_ADDRESS": sockets["WEB_BIND"],
            "HEALTH_ADDRESS": sockets["WEB_HEALTH_BIND"],
            "NGINX_PORT": str(port),
            "TRUSTED_PROXIES": trusted,
            **(nginx or {}),
        }
        if tls:
            given |= {
                "NGINX_TLS_PORT": str(tls_port),
                "TLS_CERTIFICATE_FILE": "/run/secrets/tls_certificate",
                "TLS_KEY_FILE": "/run/secrets/tls_key",
            }
        volumes = {socket: "/run/tealgate", self.home / "secrets": "/run/secrets"}
        front = self._kept(Container(self.nginx, self.home / f"{name}-nginx.log", (), given, volumes))
        return Task(web, front, port, tls_port if tls else 0)

    def seed(self, **policy: Any) -> None:
        """The demo's people, shop and releases, with the given columns of Environment."""
        here = f"{self.sandbox_url}/_sandbox"
        self._here(
            "seed_demo", "--world", f"{here}/world", "--listeners", f"{here}/listeners", "--application=storefront"
        )
        self.shell(f"from deployments.models import Environment; Environment.objects.update(**{policy!r})")

    def shell(self, code: str) -> str:
        return self._here("shell", "--verbosity", "0", "-c", code)

    def _tealgate(self, name: str, command: list[str], **variables: str) -> Container:
        volumes = {self.home / "secrets": "/run/secrets"}
        log = self.home / f"{name}.log"
        return self._kept(Container(self.tealgate, log, command, {**self.variables, **variables}, volumes))

    def _kept(self, container: Container) -> Container:
        self._stack.callback(container.stop)
        return container

    def _secrets(self) -> None:
        folder = self.home / "secrets"
        folder.mkdir()
        self._secret_key = secrets.token_urlsafe(50)
        (folder / "secret_key").write_text(self._secret_key)
        (folder / "database_url").write_text(self.database)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}",
             "-keyout", str(folder / "tls_key"), "-out", str(folder / "tls_certificate")],
            check=True, capture_output=True,
        )  # fmt: skip
        for path in folder.iterdir():
            path.chmod(0o444)

    def _start_sandbox(self, stack: ExitStack) -> None:
        port = free_port()
        self.sandbox_url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "sandbox", "--port", str(port), "--scale", str(self.scale)]
        for aws in LISTENERS:
            command += ["--listener-port", f"{aws}={free_port()}"]
        log = stack.enter_context((self.home / "sandbox.log").open("ab"))
        sandbox = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        stack.callback(sandbox.wait)
        stack.callback(sandbox.terminate)
        wait_for(lambda: answers(f"{self.sandbox_url}/_sandbox/health"))

    def _here(self, *words: str) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment = {
            **kept,
            **{name: value for name, value in self.variables.items() if not name.endswith("_FILE")},
            "DJANGO_SETTINGS_MODULE": "config.settings.demo",
            "SECRET_KEY": self._secret_key,
            "DATABASE_URL": self.database,
            "SITE_URL": f"https://{HOST}",
        }
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout
