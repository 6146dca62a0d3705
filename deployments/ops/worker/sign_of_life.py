"""That the worker's parent goes round its loop, for whoever asks from outside: `python -m config.alive worker`.

A file in memory, because neither the database nor the queue may decide over it: replacing the worker mends neither.
"""

import os
import tempfile
import time
from pathlib import Path

#: The loop goes round five times a second.
EVERY_SECONDS = 5.0
#: Longer than anything that the loop waits for: starting all afresh takes 20 s.
SILENT_SECONDS = 60.0

_given_at = 0.0


def file() -> Path:
    """One a user; the workers of one container are one."""
    memory = Path("/dev/shm")  # noqa: S108 - the kernel's memory
    return (memory if memory.is_dir() else Path(tempfile.gettempdir())) / f"tealgate-worker-{os.getuid()}"


def give() -> None:
    """Touch the file, now and then."""
    global _given_at
    if time.monotonic() - _given_at >= EVERY_SECONDS:
        _given_at = time.monotonic()
        file().touch()


def age(now: float) -> float | None:
    """Seconds since it was last given; `now` is the clock's time. None: never."""
    try:
        return now - file().stat().st_mtime
    except FileNotFoundError:
        return None
