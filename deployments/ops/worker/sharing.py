"""What the worker's processes have in common is made before they are forked, and left alone afterwards.

A page of memory is there once for all of them until one writes to it. Made by each for itself, AWS's models and clients
are most of what the worker takes.
"""

import ctypes
import gc
import sys
from contextlib import suppress
from importlib import import_module

from deployments.aws import sessions


def read() -> None:
    """Into this process, from which all others come: what they run, and what AWS's services look like."""
    import_module("deployments.tasks")  # by its address, as the queue does
    sessions.read_models()


def keep() -> None:
    """Right before a fork. A look for garbage would write to every object, so those of now are not looked at again."""
    gc.collect()
    gc.freeze()
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library than glibc
            ctypes.CDLL(None).malloc_trim(0)
