"""The demo's processes: started, watched, started again when they die, and all ended together."""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from demo.ports import Trouble

#: After so long SIGTERM becomes SIGKILL.
GRACE_SECONDS = 5
#: A process that dies this soon after its start, so many times in a row, is given up.
SOON_SECONDS, MOST_QUICK_DEATHS = 5, 3
_PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    quick_deaths: int = 0
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=15))

    def start(self) -> None:
        # A session of its own: Ctrl-C in the terminal reaches the launcher only, which ends all in order.
        self.process = subprocess.Popen(  # noqa: S603 - the demo's own programs
            self.command,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # This process has no threads, so code may run between fork and exec.
            preexec_fn=_end_with_parent,
        )
        self.started_at = time.monotonic()

    def signal(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        # It may be gone already, with everything it had started.
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def _end_with_parent() -> None:
    """Linux sends SIGTERM when the launcher itself is killed; elsewhere the processes would stay."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


class Children:
    def __init__(self) -> None:
        self._all: list[Child] = []
        self._selector = selectors.DefaultSelector()
        self.stopping = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)

    def start(self, child: Child) -> None:
        child.start()
        self._all.append(child)
        self._listen(child)

    def wait_for(self, ready: Callable[[], bool], child: Child, seconds: float) -> None:
        """Until it answers. Raises Trouble when it does not, with its last words."""
        deadline = time.monotonic() + seconds
        while not self.stopping and not ready():
            self._pass_on(0.1)
            if child.process is not None and child.process.poll() is not None:
                raise Trouble(_words(f"The {child.name} ended at once.", child))
            if time.monotonic() > deadline:
                raise Trouble(_words(f"The {child.name} did not answer within {seconds:.0f} s.", child))

    def watch(self) -> None:
        """Pass on what they print and start again what dies, until somebody asks to stop."""
        while not self.stopping:
            self._pass_on(0.2)
            for child in self._all:
                if not self.stopping and child.process is not None and child.process.poll() is not None:
                    self._start_again(child)

    def end(self) -> None:
        for child in reversed(self._all):
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and any(c.process and c.process.poll() is None for c in self._all):
            self._pass_on(0.1, quiet=True)
        for child in self._all:
            # Also what a process that is gone already had started.
            child.signal(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()

    def _start_again(self, child: Child) -> None:
        assert child.process is not None  # noqa: S101 - it was just polled
        self._pass_on(0)
        old, code = child.process.pid, child.process.returncode
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        child.signal(signal.SIGKILL)
        quick = time.monotonic() - child.started_at < SOON_SECONDS
        child.quick_deaths = child.quick_deaths + 1 if quick else 0
        if child.quick_deaths >= MOST_QUICK_DEATHS:
            raise Trouble(_words(f"The {child.name} {how}, again and again.", child))
        child.start()
        self._listen(child)
        say(f"The {child.name} (pid {old}) {how}; started again as pid {child.process.pid}.")

    def _listen(self, child: Child) -> None:
        assert child.process is not None and child.process.stdout is not None  # noqa: S101 - it was just started
        os.set_blocking(child.process.stdout.fileno(), False)
        self._selector.register(child.process.stdout, selectors.EVENT_READ, (child, bytearray()))

    def _pass_on(self, seconds: float, *, quiet: bool = False) -> None:
        for key, _ in self._selector.select(seconds):
            child, pending = key.data
            data = os.read(key.fd, 65536)
            if not data:
                self._selector.unregister(key.fileobj)
                continue
            pending += data
            *lines, rest = bytes(pending).split(b"\n")
            pending[:] = rest
            for line in lines:
                child.last_lines.append(line.decode(errors="replace"))
                if not quiet:
                    print(f"{child.name:>8} | {child.last_lines[-1]}", flush=True)

    def _stop(self, *_: Any) -> None:
        self.stopping = True


def say(text: str) -> None:
    print(f"    demo | {text}", flush=True)


def _words(sentence: str, child: Child) -> str:
    return "\n".join([sentence, *(f"  {line}" for line in child.last_lines)])


def run_to_end(command: Sequence[str], environment: Mapping[str, str], what: str) -> None:
    """A step of the preparations. Raises Trouble with what it printed when it fails."""
    done = subprocess.run(  # noqa: S603 - the demo's own programs
        [sys.executable, *command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-15:]
        raise Trouble("\n".join([f"{what} failed.", *(f"  {line}" for line in said)]))
