"""Whoever sends messages, as a process that is born again as soon as it was killed; each is told of by its number.

    python -m bench.telling.nursery

What is forked does what the thread of a worker's courier does, and before that what a worker does that starts. A whole
worker takes seconds to start, of which two hundred would be another measurement.
"""

import ctypes
import os
import signal

import django

_PR_SET_PDEATHSIG = 1


def main() -> None:
    _end_with_parent()
    django.setup()
    from deployments.management.commands.worker import free_the_rest
    from deployments.ops.worker import teller

    while True:
        if not (child := os.fork()):
            _end_with_parent()
            free_the_rest()
            teller.run(lambda: False)
        print(child, flush=True)
        os.waitpid(child, 0)


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    main()
