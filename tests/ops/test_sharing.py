"""What the worker's processes share: memory as the kernel counts it."""

import subprocess
import sys

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from deployments.management.commands import worker
from tests.stack_database import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process has of its own")
#: All that a process writes to when it does nothing but look for garbage.
MOST_MIB = 12


#: In a process of its own: pytest's has grown by whatever ran before.
SHARED = """
import gc
import os
from pathlib import Path
from deployments.ops.worker import sharing

made = [[] for _ in range(500_000)]  # 30 MiB
sharing.keep()
if (child := os.fork()) == 0:
    gc.collect()
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    print(next(line.split()[1] for line in lines if line.startswith("Private_Dirty")), flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""


def test_a_look_for_garbage_leaves_to_a_forked_process_what_it_shares() -> None:
    done = subprocess.run([sys.executable, "-c", SHARED], cwd=ROOT, capture_output=True, text=True, check=True)

    assert int(done.stdout) / 1024 < MOST_MIB


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
