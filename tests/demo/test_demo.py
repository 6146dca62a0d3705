"""The whole demo as a person starts it: one command, its processes, and Ctrl-C."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from demo import ports
from tests.stack import answers, wait_for

ROOT = Path(__file__).resolve().parents[2]
LIVE = """
    SELECT application.slug || '/' || environment.name, release.version
    FROM deployments_environment environment
    JOIN deployments_application application ON application.id = environment.application_id
    LEFT JOIN deployments_release release ON release.id = environment.live_release_id
"""
pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]


class Demo:
    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.output = folder / "output"
        self.ports = {port.variable: str(_free_port()) for port in ports.ALL}
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "demo", "--home", str(self.home)],
                cwd=ROOT, env=os.environ | self.ports, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            self.wait_for("Ctrl-C stops everything")
        except BaseException:  # nobody else would end it, and whichever test comes next would be blamed
            self.stop()
            raise
        return self.process

    @property
    def said(self) -> str:
        return self.output.read_text()

    def wait_for(self, text: str, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, f"{text!r} was not said:\n{self.said}"
            time.sleep(0.1)

    def get(self, variable: str, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[variable]}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def live(self) -> dict[str, str | None]:
        """Environment to the version that is known to be live there."""
        with closing(sqlite3.connect(self.home / "tealgate.sqlite3")) as database:
            return dict(database.execute(LIVE).fetchall())

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)

    def left_behind(self) -> list[str]:
        """Processes that still have this demo's folder or ports on their command line or in their environment."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                except OSError:
                    continue
                if str(self.home).encode() in text:
                    found.append(f"{entry.name}: {(entry / 'cmdline').read_bytes()!r}")
        return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("demo"))
    yield running
    if running.process.poll() is None:
        running.stop()
    shutil.rmtree(running.home, ignore_errors=True)


def test_the_demo_starts_goes_on_and_ends(demo: Demo) -> None:
    assert f"http://127.0.0.1:{demo.ports['TEALGATE_PORT']}" in demo.said
    assert 'name="password"' in demo.get("TEALGATE_PORT", "/login/")
    assert "Nothing came yet" in demo.get("TEALGATE_PORT", "/demo/inbox/")
    # CodeDeploy may still be installing the first release on the reports' servers.
    wait_for(lambda: answers(f"http://127.0.0.1:{demo.ports['REPORTS_PORT']}/"))
    for variable in ("PRODUCTION_PORT", "STAGING_PORT", "LEGACY_PORT", "PAYMENTS_PORT", "CATALOG_PORT", "REPORTS_PORT"):
        assert '"version": "1.0.0"' in demo.get(variable, "/"), variable
    assert demo.live() == {
        "storefront/staging": "1.0.0",
        "storefront/production": "1.0.0",
        "legacy-api/production": "1.0.0",
        "payments/production": "1.0.0",
        "catalog/production": "1.0.0",
        "reports/production": None,
    }

    assert "storefront/production" in from_a_terminal(demo, "environments")
    assert [line for line in demo.said.splitlines() if f"{demo.ports['TEALGATE_PORT']}/demo/inbox/" in line]

    (worker,) = re.findall(r"kill -9 (\d+)", demo.said)
    os.kill(int(worker), signal.SIGKILL)
    demo.wait_for(f"The worker (pid {worker}) was killed by SIGKILL; started again as pid")

    assert demo.stop() == 0
    assert "Traceback" not in demo.said
    assert demo.left_behind() == []

    demo.start()
    assert '"version": "1.0.0"' in demo.get("PRODUCTION_PORT", "/")
    assert demo.stop() == 0


def from_a_terminal(demo: Demo, *words: str) -> str:
    """What the client says with the variables that the demo printed."""
    (url, token) = re.findall(r"^export TEALGATE_URL=(\S+) TEALGATE_TOKEN=(\S+)$", demo.said, re.MULTILINE)[0]
    variables = {"TEALGATE_URL": url, "TEALGATE_TOKEN": token}
    return subprocess.check_output(
        [sys.executable, "-m", "tealgate", *words], cwd=ROOT / "client", env=variables, text=True
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
