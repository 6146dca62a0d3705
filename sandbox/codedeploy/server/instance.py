"""An EC2 instance as a process: its agent, its root directory, its address, and what is installed on it."""

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.codedeploy.model import Json
from sandbox.codedeploy.server import machine
from sandbox.codedeploy.server.appspec import AppSpec
from sandbox.codedeploy.server.machine import ending, users
from sandbox.processes import Process

MACHINE = Path(machine.__file__).parent
COMMANDS = ("chown", "chgrp", "chmod", "useradd")


@dataclass(frozen=True)
class Installed:
    """A revision of a deployment group that is on the instance."""

    deployment: str
    archive: Path
    spec: AppSpec


class Instance:
    def __init__(self, number: str, address: str, root: Path, added_users: Sequence[str] = ()) -> None:
        self.id = number
        self.address = address
        self.root = root
        # By deployment group id: what was brought to the end, and what was put in place last, whose scripts stop it.
        self.installed: dict[str, Installed] = {}
        self.in_place: dict[str, Installed] = {}
        self.files: dict[str, list[str]] = {}  # that the last Install put in place, successful or not
        self._answers: dict[int, Json] = {}
        self._asked = 0
        self.is_gone = False
        python = _python_for_all()
        _furnish(root, python or sys.executable, added_users, apart=os.getuid() == 0 and bool(python))
        self._mark = f"{number}@{os.getpid()}"
        self._process = Process(
            [sys.executable, "-S", "-E", str(MACHINE)],
            environment={
                "PATH": f"{root}.commands:/usr/local/bin:/usr/bin:/bin",
                "INSTANCE_ROOT": str(root),
                "HOST": address,
                "PYTHON": python or sys.executable,
                ending.MARK: self._mark,
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
        ending.remove_files(str(self.root))

    def _on_line(self, line: str) -> None:
        with contextlib.suppress(ValueError):
            answer = json.loads(line)
            self._answers[answer["id"]] = answer

    def _on_exit(self, code: int) -> None:
        self.is_gone = True
        ending.end_processes(self._mark)  # an agent that was killed could not do this itself


def _python_for_all() -> str:
    """A Python that every user of this machine may run; "" where there is none."""
    found = (sys.executable, shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin"))
    return next((each for each in found if each and users.reachable(each)), "")


def _furnish(root: Path, python: str, added_users: Sequence[str], *, apart: bool) -> None:
    """Beside the root directory, which has nothing but what deployments put there, are the commands and the users."""
    root.mkdir(parents=True, exist_ok=True)
    beside = Path(f"{root}.commands")
    beside.mkdir(exist_ok=True)
    program = beside / "commands.py"
    shutil.copyfile(MACHINE / "commands.py", program)
    for name in COMMANDS:
        path = beside / name
        path.write_text(f'#!/bin/sh\nexec "{python}" -S -E "{program}" {name} "$@"\n')
        path.chmod(0o755)
    users.write(users.path_of(str(root)), list(added_users), apart=apart)
