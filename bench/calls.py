"""Which AWS calls are made while something happens, and how many of them while waiting for ECS."""

import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from bench.shop import Shop

LOOK_EVERY = 0.05


class Calls:
    """`with Calls(shop, updates=20) as calls:` waiting begins with the 20th UpdateService."""

    def __init__(self, shop: "Shop", updates: int = 1) -> None:
        self._shop, self._updates = shop, updates
        self._ends = threading.Event()
        self._before, self._since = 0, 0.0
        self.total, self.to_ecs, self.waited = 0, 0, 0.0
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._shop.forget_calls()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ends.set()
        self._thread.join()
        calls = self._shop.calls()
        self.total = calls.total()
        self.to_ecs = sum(count for name, count in calls.items() if name.startswith("ecs:"))
        self.waited = time.monotonic() - self._since

    @property
    def waiting(self) -> int:
        return self.total - self._before

    def _look(self) -> None:
        while not self._ends.wait(LOOK_EVERY):
            seen = self._shop.calls()
            if seen["ecs:UpdateService"] >= self._updates:
                self._before, self._since = seen.total(), time.monotonic()
                return
