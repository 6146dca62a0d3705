"""An EC2 instance as a process: its agent, its root directory, its address, and what is installed on it."""

import contextlib
import json
import os
import shutil
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from sandbox.codedeploy.model import Json
from sandbox.codedeploy.server import commands
from sandbox.codedeploy.server.appspec import AppSpec
from sandbox.processes import Process

AGENT = str(Path(__file__).parent / "agent.py")


@dataclass(frozen=True)
class Installed:
    """The last revision that a deployment group brought to the end here."""

    deployment: str
    archive: Path
    spec: AppSpec


class Instance:
    def __init__(self, number: str, address: str, root: Path) -> None:
        self.id = number
        self.address = address
        self.root = root
        self.installed: dict[str, Installed] = {}  # by deployment group id
        self.files: dict[str, list[str]] = {}  # that the last Install put in place, successful or not
        self._answers: dict[int, Json] = {}
        self._asked = 0
        self.is_gone = False
        root.mkdir(parents=True, exist_ok=True)
        # Beside the root directory, which has nothing but what deployments put there.
        commands.provide(f"{root}.commands")
        mark = f"{number}@{os.getpid()}"
        self._process = Process(
            [sys.executable, "-S", "-E", AGENT],
            environment={
                "PATH": f"{root}.commands:/usr/local/bin:/usr/bin:/bin",
                "INSTANCE_ROOT": str(root),
                "HOST": address,
                "PYTHON": sys.executable,
                "SANDBOX_INSTANCE": mark,
            },
            on_line=self._on_line,
            on_exit=self._on_exit,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, **command: object) -> int:
        """Returns the number to look for in ``answer``."""
        self._asked += 1
        self._process.send(json.dumps({"id": self._asked, **command}))
        return self._asked

    def answer(self, number: int) -> Json | None:
        """None while it is at work. Without an agent there is no answer but this one."""
        if number in self._answers:
            return self._answers.pop(number)
        return {"error": "The agent on the instance has stopped."} if self.is_gone else None

    def close(self) -> None:
        """The end of the machine: its agent, and with it everything it ever started."""
        self._process.close_input()
        self._process.join(5.0)
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.rmtree(f"{self.root}.commands", ignore_errors=True)

    def _on_line(self, line: str) -> None:
        with contextlib.suppress(ValueError):
            answer = json.loads(line)
            self._answers[answer["id"]] = answer

    def _on_exit(self, code: int) -> None:
        self.is_gone = True
        # An agent that was killed could not do this itself.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
