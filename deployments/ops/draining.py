"""Whether this worker was asked to stop: a flag that its forked processes share.

One byte without a lock, because a process that is killed while it holds a lock would keep it for ever.
"""

import ctypes
import time
from multiprocessing.sharedctypes import RawValue

_asked = RawValue(ctypes.c_bool, False)
_LOOK_EVERY_SECONDS = 0.05


def ask() -> None:
    _asked.value = True


def asked() -> bool:
    return bool(_asked.value)


def sleep(seconds: float) -> None:
    """Sleep, but no longer than until the worker is asked to stop."""
    ends = time.monotonic() + seconds
    while not asked() and (left := ends - time.monotonic()) > 0:
        time.sleep(min(left, _LOOK_EVERY_SECONDS))
