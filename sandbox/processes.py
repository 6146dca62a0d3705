"""Real processes that stand for containers.

A child reads its standard input, which only this process can write to: when this process dies, however it dies, the
pipe closes and the child ends itself. (A parent death signal would be tied to the thread that started the child and
needs code between fork and exec, which is not safe in a program with threads.)
One thread per child reads its output until it ends and then reports the exit code: nothing polls.
"""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence


class Process:
    def __init__(
        self,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        on_line: Callable[[str], None],
        on_exit: Callable[[int], None],
    ) -> None:
        self._child = subprocess.Popen(
            list(arguments),
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C ends the sandbox, which then stops its tasks in order
        )
        self.pid = self._child.pid
        self._on_line = on_line
        self._on_exit = on_exit
        self._watcher = threading.Thread(target=self._watch, name=f"task-{self.pid}", daemon=True)
        self._watcher.start()

    def send(self, line: str) -> None:
        """A line on its standard input. One that has ended does not hear it."""
        assert self._child.stdin is not None
        with contextlib.suppress(BrokenPipeError, ValueError):
            self._child.stdin.write(line.encode() + b"\n")
            self._child.stdin.flush()

    def close_input(self) -> None:
        assert self._child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._child.stdin.close()

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def join(self, timeout: float) -> None:
        self._watcher.join(timeout)

    @property
    def ended(self) -> bool:
        return self._child.returncode is not None

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self._child.returncode is None:
                os.kill(self.pid, number)

    def _watch(self) -> None:
        child = self._child
        assert child.stdout is not None and child.stdin is not None
        for line in child.stdout:
            self._on_line(line.decode(errors="replace").rstrip("\n"))
        code = child.wait()
        child.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            child.stdin.close()
        # What a container runtime reports for a process that a signal ended.
        self._on_exit(128 - code if code < 0 else code)
