"""What is measured beside other programs: memory, and how many times Tealgate's a figure is."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from bench import memory
from bench.one_service import Run, table

STARTED = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def run(reported: float, calls: int = 10) -> Run:
    """Healthy after one second, done after two."""
    healthy, done, heard = (STARTED + timedelta(seconds=after) for after in (1, 2, reported))
    return Run(STARTED, healthy, done, heard, calls, to_ecs=calls - 4, waiting=calls // 2)


def test_figures_are_medians_and_compared_with_tealgates() -> None:
    rows = table({"Tealgate": [run(3), run(9), run(2.5)], "another": [run(6, calls=40)]}, "AWS's").rows

    assert list(rows[0]) == ["Tealgate", 3, 3.0, 2.0, 1.0, "1.0, 1.0, 1.0", 10, 6, 5]
    assert list(rows[1]) == ["another", 1, 6.0, 5.0, 4.0, "2.0, 2.5, 4.0", 40, 36, 20]


def test_memory_is_that_of_a_process_and_of_what_it_started() -> None:
    alone = memory.of([os.getpid()])
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        together = memory.of([os.getpid()])
        child.communicate()

    assert together.processes == alone.processes + 1
    assert 0 < alone.shared_once <= alone.resident + 1
