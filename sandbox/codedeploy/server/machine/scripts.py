"""Scripts of a bundle, run as the agent runs them.

By itself, as its user, in a shell if it does not say what runs it; with ``runas`` by ``su USER -c SCRIPT``. On time
when it has ended and closed its output: a server that is left running has to write elsewhere.
"""

import contextlib
import errno
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from typing import IO, Any

from sandbox.codedeploy.server.machine import users

Json = dict[str, Any]
#: for what does not end when it is asked to; AWS's agent would wait for it
GRACE = 5.0


@dataclass
class Log:
    """What the script says, line by line; also in the file that the agent keeps."""

    path: str
    lines: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, line: str) -> None:
        with self.lock, open(self.path, "a") as file:
            self.lines.append(line)
            file.write(line)

    def take(self, stream: IO[bytes], name: str) -> None:
        for line in stream:
            self.add(f"[{name}]{line.decode(errors='replace')}")


def run(command: Json) -> Json:
    script = command["script"]
    if not os.path.isfile(script):
        return {"problem": "missing", "log": []}
    if not os.access(script, os.X_OK):
        os.chmod(script, os.stat(script).st_mode | 0o111)  # noqa: S103 - as AWS's agent does
    os.makedirs(command["logs"], exist_ok=True)
    log = Log(os.path.join(command["logs"], "scripts.log"))
    try:
        answer = _run(command, log)
    except OSError as error:
        named = f"Errno::{errno.errorcode.get(error.errno or 0, 'EUNKNOWN')} with message {error.strerror}"
        answer = {"problem": "error", "words": f"{named} - {script}"}
    return answer | {"log": log.lines}


def _run(command: Json, log: Log) -> Json:
    name = command["runas"]
    if name and name not in users.read(users.path_of(os.environ["INSTANCE_ROOT"])):
        log.add(f"[stderr]{users.ABSENT.format(name=name)}\n")
        return {"code": 1}
    ends = time.monotonic() + command["timeout"]
    started = _start(command)
    assert started.stdout is not None and started.stderr is not None
    outputs = {
        label: threading.Thread(target=log.take, args=(stream, label.lower()), daemon=True)
        for label, stream in (("STDOUT", started.stdout), ("STDERR", started.stderr))
    }
    for thread in outputs.values():
        thread.start()
    try:
        code = started.wait(command["timeout"])
    except subprocess.TimeoutExpired:
        _end(started)
        return {"problem": "timeout"}
    for label, thread in outputs.items():
        thread.join(max(ends - time.monotonic(), 0))
        if thread.is_alive():
            return {"problem": "left open", "words": label}
    return {"code": code}


def _start(command: Json) -> "subprocess.Popen[bytes]":
    script, name = command["script"], command["runas"]
    words, number = [_shell(), "-c", script] if name else [script], _id(name)
    other = number != os.getuid()
    while True:
        try:
            return subprocess.Popen(  # noqa: S603 - the scripts of the bundle
                words,
                cwd=command["cwd"],
                env={**os.environ, **command["environment"], **_of_user(name)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                process_group=0,
                user=number if other else None,
                group=number if other else None,
                extra_groups=[] if other else None,
            )
        except OSError as error:
            if error.errno != errno.ENOEXEC or len(words) > 1:
                raise
            words = ["/bin/sh", *words]


def _shell() -> str:
    return "/bin/bash" if os.path.exists("/bin/bash") else "/bin/sh"


def _of_user(name: str) -> dict[str, str]:
    """What su changes in the environment; the rest is kept."""
    if not name:
        return {}
    root = os.environ["INSTANCE_ROOT"]
    home = os.path.join(root, "root" if name == "root" else f"home/{name}")
    return {"HOME": home, "SHELL": _shell(), **({} if name == "root" else {"USER": name, "LOGNAME": name})}


def _id(name: str) -> int:
    return users.read(users.path_of(os.environ["INSTANCE_ROOT"])).get(name, os.getuid())


def _end(started: "subprocess.Popen[bytes]") -> None:
    for each in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, each)
        with contextlib.suppress(subprocess.TimeoutExpired):
            started.wait(GRACE)
            return
