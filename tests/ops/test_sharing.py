"""What the worker's processes share: memory as the kernel counts it."""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from deployments.management.commands import worker
from deployments.ops.worker import sharing
from tests.stack_database import ROOT

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


PAGES = """
import sys
import django
django.setup()
from deployments.management.commands import worker
from deployments.ops.worker import sharing
sharing.read()
print("deployments.tasks" in sys.modules, "deployments.admin" in sys.modules)
print("ninja" in sys.modules or "pydantic" in sys.modules)
import config.wsgi
print("deployments.admin.deployments" in sys.modules, "config.urls" in sys.modules)
"""


def test_a_worker_holds_what_it_runs_and_no_pages_and_the_web_server_has_them_before_it_forks() -> None:
    done = subprocess.run([sys.executable, "-c", PAGES], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["True", "False", "False", "True", "True"]


def test_a_worker_checks_the_settings_that_stand_together_all_the_same(settings: Settings) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"retry": 100}

    found = run_checks(tags=list(worker.Command.requires_system_checks))

    assert [message.id for message in found] == ["tealgate.E001"]


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
