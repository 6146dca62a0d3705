"""A process gets no more of the processors than its share."""

import os
import subprocess
import sys

import pytest

from bench import cgroup

BUSY = """
import sys, time
sys.stdin.readline()
ends = time.monotonic() + 1
while time.monotonic() < ends:
    pass
print(time.process_time())
"""


@pytest.mark.skipif(bool(cgroup.missing()), reason="needs control groups, and root")
def test_a_busy_process_is_held_to_its_share() -> None:
    with cgroup.share(0.1) as share:
        busy = subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        share.add(busy.pid)
        seconds = float(busy.communicate("go\n", timeout=60)[0])

    assert seconds < 0.5


def test_without_root_it_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert cgroup.missing() == "Limiting processors needs root"
