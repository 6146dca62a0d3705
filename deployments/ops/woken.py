"""Whether there may be something to send that was not there at the last look: a flag that a worker's processes share.

One byte without a lock, because a process that is killed while it holds a lock would keep it for ever. Lost, it costs
no more than the time until the next look.
"""

import ctypes
from multiprocessing.sharedctypes import RawValue

_woken = RawValue(ctypes.c_bool, False)


def wake() -> None:
    _woken.value = True


def taken() -> bool:
    """Whether somebody has woken it since this was asked last."""
    was, _woken.value = bool(_woken.value), False
    return was
