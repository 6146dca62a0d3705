"""Tealgate as it really runs, for browser tests, crash tests and measurements: processes of their own.

A sandbox, the web server and a worker, seeded like the demo, on free ports, with a database in a temporary
folder (or a new database of the PostgreSQL server that DATABASE_URL names).
"""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.forkserver import SANDBOX, TEALGATE, Forked, forkserver
from tests.stack_database import ROOT, File, OnServer, database

__all__ = ["ROOT", "Stack", "answers", "free_port", "wait_for"]

LISTENERS = {
    8080: "production",
    8081: "production test",
    8082: "staging",
    8083: "staging test",
    8084: "legacy",
    8085: "payments",
    8086: "payments test",
    8087: "catalog",
    8088: "catalog test",
    8089: "reports",
}

KEYS = {"aws_access_key_id": "stack", "aws_secret_access_key": "stack"}
UNDER_WAY = ["Created", "Queued", "InProgress", "Ready"]

#: A worker that takes this machine for another.
OTHER_HOST = """
import runpy, socket, sys
host = sys.argv[1]
socket.gethostname = lambda: host
sys.argv = ["manage.py", "worker"]
runpy.run_path("manage.py", run_name="__main__")
"""


_given: set[int] = set()


def free_port() -> int:
    """One that is given to nobody else until it is listened on: not by the kernel, whose begin at 32768, and not by
    another of pytest's workers.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        port = 15_000 + 2_000 * (worker % 8) + secrets.randbelow(2_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port


def wait_for(ready: Callable[[], object], within: float = 90, every: float = 0.05) -> None:
    deadline = time.monotonic() + within
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so within {within} s")
        time.sleep(every)


def answers(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
        return bool(answer.status == 200)
    return False


def _close_pipes(process: subprocess.Popen[bytes] | Forked) -> None:
    for pipe in filter(None, (process.stdin, process.stdout)):
        pipe.close()


@dataclass
class Stack:
    home: Path
    #: how many times faster than AWS the sandbox's clock runs
    scale: float = 20
    #: seconds of the environments' policies, as columns of Environment
    policy: Mapping[str, Any] = field(default_factory=dict)
    web_workers: int = 1
    queue_workers: int = 4
    #: of the demo's, by slug; () for all
    applications: tuple[str, ...] = ("storefront",)
    #: what there is on AWS besides, of which the demo makes no environments
    beside: tuple[str, ...] = ()
    #: as QUEUE has it
    queue: str = "orm"
    #: as EVENTS_QUEUE has it; the sandbox fills sqs://us-east-1/tealgate-events
    events_queue: str = ""
    log_level: str = "WARNING"
    #: whether its processes begin as forks, which is cheap and lets them share memory
    forked: bool = False
    #: whether the demo's people have e-mail, and a mail server takes it
    mail: bool = False
    #: variables beside those that it needs
    more: Mapping[str, str] = field(default_factory=dict)
    #: another database than the usual one
    its_database: "File | OnServer | None" = None
    _processes: dict[str, subprocess.Popen[bytes] | Forked] = field(default_factory=dict)
    _more_webs: dict[str, int] = field(default_factory=dict)
    _database: File | OnServer = field(init=False)

    def __enter__(self) -> Self:
        self._database = self.its_database or database(self.home)
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """At once: saying good-bye takes seconds of the processor, and nobody is left who would miss it."""
        for process in self._processes.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            _close_pipes(process)
        self._processes.clear()
        self._database.drop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._web_port}"

    @property
    def health_url(self) -> str:
        """Where its liveness is asked for, beside the threads of its pages."""
        return f"http://127.0.0.1:{self._health_port}/healthz"

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self._sandbox_port}"

    def listener(self, port: int) -> str:
        """Where the listener with this port on AWS answers here, such as 8080 for production."""
        return f"http://127.0.0.1:{self._listeners[port]}/"

    @property
    def environment(self) -> dict[str, str]:
        """Variables for any process that is to be part of this Tealgate."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "DJANGO_SETTINGS_MODULE": "config.settings.demo",
            "SECRET_KEY": self._secret_key,
            "DATABASE_URL": self._database.url,
            "SITE_URL": self.url,
            "QUEUE": self.queue,
            "EVENTS_QUEUE": self.events_queue,
            "QUEUE_WORKERS": str(self.queue_workers),
            "WEB_BIND": f"127.0.0.1:{self._web_port}",
            "WEB_HEALTH_BIND": f"127.0.0.1:{self._health_port}",
            "WEB_WORKERS": str(self.web_workers),
            "LOG_LEVEL": self.log_level,
            "AWS_ENDPOINT_URL": self.sandbox_url,
            **{name.upper(): value for name, value in KEYS.items()},
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            **(self._mail if self.mail else {}),
            **self.more,
        }

    @property
    def _mail(self) -> dict[str, str]:
        return {
            "DEMO_MAIL": str(self.home / "mail"),
            "MAIL_URL": f"smtp+plain://127.0.0.1:{self._mail_port}",
            "MAIL_FROM": "Tealgate <tealgate@example.com>",
        }

    def manage(self, *arguments: str) -> str:
        """Run manage.py; what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout

    def run(self, code: str) -> str:
        """Run `code` in the project's shell, which is one process for all of it; what it printed."""
        if "shell" not in self._processes:
            self._spawn("shell", ["-m", "tests.shell"], self.environment, talks=True)
        shell = self._processes["shell"]
        assert shell.stdin is not None and shell.stdout is not None
        shell.stdin.write(json.dumps(code).encode() + b"\n")
        shell.stdin.flush()
        answer = json.loads(shell.stdout.readline() or '{"error": "the shell ended"}')
        if "error" in answer:
            raise RuntimeError(f"{answer['error']}\n{self.log('shell')}")
        return str(answer["printed"])

    def start(self, name: str) -> int:
        """Start "web" or "worker", or one more of them on a host of its own, such as "worker 2"; its process id."""
        environment = self.environment
        if name.startswith("web"):
            words = ["-m", "gunicorn", "--config", "config/gunicorn.conf.py", "config.wsgi"]
            if name != "web":
                self._more_webs[name] = free_port()
                environment["WEB_HEALTH_BIND"] = ""
                environment["WEB_BIND"] = f"127.0.0.1:{self._more_webs[name]}"
        elif name == "worker":
            words = ["manage.py", "worker"]
        else:
            words = ["-c", OTHER_HOST, name.replace(" ", "-")]
        return self._spawn(name, words, environment)

    def url_of(self, web: str) -> str:
        return f"http://127.0.0.1:{self._more_webs[web]}"

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the database as it is now, without starting a process."""
        return self._database.query(sql)

    def signal(self, name: str, number: signal.Signals) -> None:
        self._processes[name].send_signal(number)

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def is_alive(self, name: str) -> bool:
        process = self._processes.get(name)
        return process is not None and process.poll() is None

    def stop(self, name: str) -> None:
        process = self._processes.pop(name)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self, name: str) -> None:
        """kill -9, as the kernel does when memory is short."""
        process = self._processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def sandbox(self, path: str, body: Mapping[str, Any] | None = None, method: str = "") -> Any:
        """Ask or tell the sandbox itself, such as sandbox("faults", {...})."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            f"{self.sandbox_url}/_sandbox/{path}", data=data, method=method or ("POST" if data else "GET")
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def codedeploy_rests(self) -> bool:
        """Whether the account's own first deployments are over: one more of a group is refused until then."""
        import boto3  # takes a second, and most stories ask nothing

        asked = boto3.client("codedeploy", "us-east-1", endpoint_url=self.sandbox_url, **KEYS)
        return not asked.list_deployments(includeOnlyStatuses=UNDER_WAY)["deployments"]

    def log(self, name: str) -> str:
        return (self.home / f"{name}.log").read_text(errors="replace")

    def _start(self) -> None:
        self._web_port, self._health_port, self._sandbox_port = free_port(), free_port(), free_port()
        self._mail_port = free_port()
        self._listeners = {port: free_port() for port in LISTENERS}
        self._secret_key = secrets.token_urlsafe(50)
        words = ["-m", "sandbox", "--port", str(self._sandbox_port), "--scale", str(self.scale)]
        for aws, local in self._listeners.items():
            words += ["--listener-port", f"{aws}={local}"]
        for application in (*self.applications, *self.beside):
            words += ["--application", application]
        self._spawn("sandbox", words, dict(os.environ))
        self._database.make_tables(self.run)
        wait_for(lambda: answers(f"{self.sandbox_url}/_sandbox/health"))
        self.start("web")
        if self.mail:
            self._spawn("mail", ["-m", "demo.mail", str(self._mail_port), str(self.home / "mail")], self.environment)
        self.run(self._seed)
        self.start("worker")
        wait_for(lambda: answers(f"{self.url}/healthz"))

    @property
    def _seed(self) -> str:
        here = f"{self.sandbox_url}/_sandbox"
        return "\n".join(
            (
                "from django.core.management import call_command",
                "from deployments.models import Environment",
                f"call_command('seed_demo', *{[f'--application={slug}' for slug in self.applications]}, "
                f"world='{here}/world', listeners='{here}/listeners', mail={self.mail})",
                f"Environment.objects.update(**{dict(self.policy)!r})" if self.policy else "",
            )
        )

    def _spawn(self, name: str, words: list[str], environment: dict[str, str], *, talks: bool = False) -> int:
        """One that talks is written to and read from; the log keeps what others print, and everybody's errors."""
        with (self.home / f"{name}.log").open("ab") as log:
            if self.forked:
                ahead = forkserver(*(SANDBOX if name == "sandbox" else TEALGATE))
                self._processes[name] = ahead.start(words, environment, log, talks=talks)
            else:
                self._processes[name] = subprocess.Popen(
                    [sys.executable, *words],
                    cwd=ROOT,
                    env=environment,
                    stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                    stdout=subprocess.PIPE if talks else log,
                    stderr=log,
                    start_new_session=True,
                )
        return self.pid(name)
