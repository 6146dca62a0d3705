"""What the worker's processes share: memory as the kernel counts it."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.ops.worker import sharing

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process has of its own")
#: All that a process writes to when it does nothing but look for garbage.
MOST_MIB = 12


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_a_look_for_garbage_leaves_to_a_forked_process_what_it_shares() -> None:
    made: list[list[int]] = [[] for _ in range(500_000)]  # 30 MiB
    sharing.keep()

    assert made
    assert _of_its_own_after_a_look_for_garbage() < MOST_MIB


def _of_its_own_after_a_look_for_garbage() -> float:
    """In MiB, of a child of this process."""
    reads, writes = os.pipe()
    if (pid := os.fork()) == 0:
        gc.collect()
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
        os.write(writes, next(line.split()[1] for line in lines if line.startswith("Private_Dirty")).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(writes)
    with open(reads) as pipe:
        return int(pipe.read()) / 1024
