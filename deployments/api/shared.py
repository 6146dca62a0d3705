"""What many who waited for the same are answered with: made once they are told, by one of them and for all."""

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field

#: So long an answer is kept, in seconds: those who are told together come within that.
KEPT = 2.0


@dataclass(frozen=True)
class _Made:
    #: when making it began, by the clock that never jumps
    at: float
    answer: "Future[bytes]" = field(default_factory=Future)


class Shared:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[Hashable, _Made] = {}

    def answer(self, key: Hashable, since: float, make: Callable[[], bytes]) -> bytes:
        """One that nobody began to make before `since`, when whoever asks was told. Raises what making it raised."""
        with self._lock:
            now = time.monotonic()
            self._made = {name: each for name, each in self._made.items() if now - each.at < KEPT}
            made = self._made.get(key)
            is_ours = made is None or made.at < since
            if made is None or is_ours:
                made = self._made[key] = _Made(now)
        if is_ours:
            try:
                made.answer.set_result(make())
            except BaseException as error:
                made.answer.set_exception(error)
        return made.answer.result()


SHARED = Shared()
