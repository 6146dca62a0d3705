"""Web and worker, started again when they end, as systemd, a container engine and ECS do."""

import os
import signal
import time
from collections import Counter

from tests.stack import Stack, answers, wait_for

#: Between two starts of the same.
PAUSE_SECONDS = 2.0
#: What the docs promise of a worker that is asked to end; then it is killed.
GRACE_SECONDS = 10.0
EVERY = 0.1


class Household:
    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._kept = {"web", "worker"}
        self._started: dict[str, float] = {}
        self.count: Counter[str] = Counter()
        #: seconds that the worker took after SIGTERM
        self.endings: list[float] = []
        self.wrong: list[str] = []

    def tend(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for name in self._kept:
                self._look_after(name)
            time.sleep(EVERY)

    def kill(self, name: str, away: float = 0) -> None:
        self._kept.discard(name)
        # With all that it forked, as a container or systemd does: gunicorn's own processes would keep its port.
        os.killpg(self._stack.pid(name), signal.SIGKILL)
        self._stack.kill(name)
        self.tend(away)
        self._kept.add(name)
        self.tend(PAUSE_SECONDS)

    def stand_still(self, name: str, seconds: float) -> None:
        """As the processes of a host that is paused, or has no processor left."""
        group = self._stack.pid(name)
        os.killpg(group, signal.SIGSTOP)
        try:
            self.tend(seconds)
        finally:
            os.killpg(group, signal.SIGCONT)

    def terminate_worker(self, during: str) -> None:
        """SIGTERM, and the next one is started at once."""
        began = time.monotonic()
        self._kept.discard("worker")
        self._stack.signal("worker", signal.SIGTERM)
        while self._stack.is_alive("worker") and time.monotonic() - began < 3 * GRACE_SECONDS:
            self.tend(0)
            time.sleep(EVERY)
        took = time.monotonic() - began
        self.endings.append(took)
        if took > GRACE_SECONDS:
            self.wrong.append(f"The worker took {took:.1f} s to end after SIGTERM, during: {during}.")
        if self._stack.is_alive("worker"):
            self._stack.kill("worker")
        self._kept.add("worker")

    def both_answer(self) -> None:
        """At the end: whatever happened, they are there again."""
        self.tend(PAUSE_SECONDS)
        wait_for(lambda: answers(f"{self._stack.url}/healthz"))

    def _look_after(self, name: str) -> None:
        now = time.monotonic()
        if not self._stack.is_alive(name) and now - self._started.get(name, -PAUSE_SECONDS) >= PAUSE_SECONDS:
            self._started[name] = now
            self.count[f"{name} started again"] += 1
            self._stack.start(name)
