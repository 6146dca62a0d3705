"""Processes that begin with what they would import first: for most of a stack's that is half of what they cost.

`python -m tests.forkserver SOCKET MODULE[:FUNCTION]...` does these imports and calls once, and then forks for each
request a process that runs what `python WORDS...` would, in the project's folder: a real one with a session, an
environment and random numbers of its own. Only what is the same whatever the environment says may be imported ahead,
so no settings and no models. Not for tests that are about starting, nor for measurements of memory, which forks share.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import random
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
SANDBOX = ("sandbox.server",)
#: Not together with the sandbox's: moto changes botocore.
TEALGATE = (
    "deployments.aws.sessions:read_models",
    "deployments.swaps",
    "deployments.outbound",
    "deployments.preflight",
    "django.contrib.auth.apps",
    "django.contrib.postgres.fields.utils",
    "django.contrib.sessions.middleware",
    "django.core.wsgi",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.executor",
    "django.template.loaders.app_directories",
    "django_q.queues",
    "environ",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
    "httpx",
    "prometheus_client.multiprocess",
    "simple_history.template_utils",
    "structlog",
    "unfold.contrib.simple_history.apps",
    "whitenoise.middleware",
)


#: What pytest started for all of its workers, by what it imports.
shared: dict[tuple[str, ...], "Door"] = {}


#: What is said at the door; who is gone without a word has ended, too.
FORK, END = b"+", b"-"


@functools.cache
def forkserver(*modules: str) -> "Door":
    """The one of this run of pytest, or else one of this process, which ends with it."""
    if modules in shared:
        return shared[modules]
    made = ForkServer(*modules)
    atexit.register(made.close)
    return made


class Forked:
    """As `subprocess.Popen`, but that the forkserver has asked already how it ended."""

    def __init__(self, control: socket.socket, stdin: IO[bytes] | None, stdout: IO[bytes] | None) -> None:
        self._control, self.stdin, self.stdout = control, stdin, stdout
        self.pid = self._number()
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._control], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a fork", timeout or 0)
            self.returncode = self._number()
            self._control.close()
        return self.returncode

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _number(self) -> int:
        told = self._control.recv(4, socket.MSG_WAITALL)
        if not told:
            raise RuntimeError("The forkserver ended; standard error says why.")
        return int.from_bytes(told, "big", signed=True)


class Door:
    """Where a forkserver is asked, by several processes at once if it has to be."""

    def __init__(self, door: socket.socket) -> None:
        self._door = door

    def fileno(self) -> int:
        return self._door.fileno()

    def start(self, words: Sequence[str], environment: Mapping[str, str], log: IO[bytes], *, talks: bool) -> Forked:
        """One that talks is written to and read from; the log keeps what others print, and everybody's errors."""
        control, theirs = socket.socketpair()
        with contextlib.ExitStack() as passed:
            passed.enter_context(theirs)
            if talks:
                (stdin, to_it), (from_it, stdout) = os.pipe(), os.pipe()
                passed.callback(os.close, stdin)
                passed.callback(os.close, stdout)
            else:
                stdin, stdout = passed.enter_context(open(os.devnull, "rb")).fileno(), log.fileno()
            socket.send_fds(self._door, [FORK], [stdin, stdout, log.fileno(), theirs.fileno()])
            control.sendall(json.dumps([list(words), dict(environment)]).encode() + b"\n")
        return Forked(control, *((open(to_it, "wb"), open(from_it, "rb")) if talks else (None, None)))


class ForkServer(Door):
    """Whatever it started ends with it, and it with the process that started it. It imports once it is asked."""

    def __init__(self, *modules: str, passed: Sequence[Door] = ()) -> None:
        """`passed` are doors that its forks are to have, by the same numbers."""
        door, theirs = socket.socketpair()
        super().__init__(door)
        with theirs:
            numbers = [theirs.fileno(), *(each.fileno() for each in passed)]
            command = [sys.executable, "-m", "tests.forkserver", str(theirs.fileno()), *modules]
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, pass_fds=numbers, start_new_session=True
            )

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._door.sendall(END)
        self._door.close()
        self._process.wait()


def serve(door: socket.socket) -> tuple[list[str], dict[str, str]]:
    """Returns in each fork only: its words and its environment."""
    forked: dict[int, socket.socket] = {}
    signal.signal(signal.SIGCHLD, lambda *_: tell(forked))
    while True:
        word, files, _, _ = socket.recv_fds(door, 1, 4)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        if word != FORK:
            for pid in forked:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
            tell(forked, 0)
            sys.exit()
        control = socket.socket(fileno=files.pop())
        pid = os.fork()
        if not pid:
            break
        for file in files:
            os.close(file)
        forked[pid] = control
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    for other in (door, *forked.values()):
        other.close()
    return begin(control, files)


def tell(forked: dict[int, socket.socket], how: int = os.WNOHANG) -> None:
    """Whoever waits for one of them how it ended."""
    for pid in list(forked):
        try:
            ended, status = os.waitpid(pid, how)
        except ChildProcessError:  # a signal that came while this one was handled has told of it
            continue
        if ended:
            with forked.pop(pid) as control, contextlib.suppress(OSError):  # nobody waits any more
                control.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))


def begin(control: socket.socket, files: list[int]) -> tuple[list[str], dict[str, str]]:
    """Make this fork a process of its own, and ask what it is to be."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    for standard, file in enumerate(files):
        os.dup2(file, standard)
        os.close(file)
    with control, control.makefile() as told:
        control.sendall(os.getpid().to_bytes(4, "big", signed=True))
        words, environment = json.loads(told.readline())
    return words, environment


def run(words: list[str], environment: Mapping[str, str]) -> None:
    """What python does with them: `-m MODULE`, `-c CODE` or a file, and its arguments."""
    os.environ.clear()
    os.environ.update(environment)
    if words[0] == "-m":
        sys.argv = words[1:]
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    elif words[0] == "-c":
        sys.argv = ["-c", *words[2:]]
        exec(words[1], {"__name__": "__main__"})  # noqa: S102 - that is what -c is
    else:
        sys.argv = words
        runpy.run_path(words[0], run_name="__main__")


def main() -> None:
    number, *modules = sys.argv[1:]
    door = socket.socket(fileno=int(number))
    if door.recv(1, socket.MSG_PEEK) == FORK:  # whoever is never asked has nothing to import
        import_ahead(modules)
    run(*serve(door))


def import_ahead(modules: Sequence[str]) -> None:
    gc.disable()
    for module in modules:
        module, _, function = module.partition(":")
        imported = importlib.import_module(module)
        if function:
            getattr(imported, function)()
    # Python gives its own another seed after a fork. moto has one, too.
    for each in gc.get_objects():
        if issubclass(type(each), random.Random):
            os.register_at_fork(after_in_child=each.seed)
    gc.freeze()
    gc.enable()


if __name__ == "__main__":
    main()
