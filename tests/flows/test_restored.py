"""The database is put back to what it was in the middle of a deployment that came to its end meanwhile."""

import contextlib
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from tests.flows.test_killed_worker import ASK, LOOK
from tests.flows.traffic import Traffic
from tests.stack import Stack, wait_for
from tests.stack_database import File

pytestmark = pytest.mark.flow

FILE = "tealgate.sqlite3"
POLICY = {"canary_bake_seconds": 2, "bake_seconds": 2, "termination_wait_seconds": 2, "min_requests": 5}
UNFINISHED = ("PENDING", "IN_PROGRESS", "ROLLBACK_IN_PROGRESS")
#: What a deployment that is there again does, by the stage that the copy was made in; docs/operations.md has it in
#: words. The latest comes first: what only looks leaves the world as it is for those after it.
OUTCOMES = {
    "CLEAN_UP": ("SUCCESSFUL",),
    "BAKE_TIME": ("SUCCESSFUL",),
    # The copy may be of just before or just after the write that scales.
    "SCALE_UP": ("STOPPED", "ROLLBACK_SUCCESSFUL"),
    "PRE_SCALE_UP": ("STOPPED", "ROLLBACK_SUCCESSFUL"),
    "PRODUCTION_TRAFFIC_SHIFT": ("ROLLBACK_SUCCESSFUL",),
    # The source has all traffic again, so it begins as it did; its one-off task is found, and not run again.
    "RECONCILE_SERVICE": ("SUCCESSFUL",),
}


def test_a_deployment_that_is_there_again_ends_in_words_and_costs_no_request(tmp_path: Path) -> None:
    with (
        Stack(
            tmp_path, scale=60, policy=POLICY, queue_workers=3, forked=True, its_database=File(tmp_path / FILE)
        ) as stack,
        Traffic(stack.listener(8082), rate=20) as traffic,
    ):
        stack.run(ASK)
        copies = copies_until_it_ends(stack, tmp_path)
        assert (look(stack)[0], OUTCOMES.keys() - copies.keys()) == ("SUCCESSFUL", set())

        for stage, outcomes in OUTCOMES.items():
            put_back(stack, tmp_path, copies[stage])
            wait_for(lambda: look(stack)[0] not in UNFINISHED)

            status, _, _, reason = look(stack)
            assert status in outcomes, (stage, status, reason)
            assert reason
            # All requests until now had an answer of a release, and the next has.
            before = traffic.sent
            wait_for(lambda before=before: traffic.sent > before + 5)  # type: ignore[misc]
            assert traffic.lost == 0, stage
        stack.manage("verify_events")  # ends with 1 for a log that does not fit


def copies_until_it_ends(stack: Stack, home: Path) -> dict[str, Path]:
    """One of each stage that it was seen in."""
    copies: dict[str, Path] = {}
    while (seen := look(stack))[0] in UNFINISHED:
        if seen[1] not in copies:
            copies[seen[1]] = copy(home, seen[1])
        time.sleep(0.01)  # what it looks at needs the processor, too
    return copies


def look(stack: Stack) -> tuple[Any, ...]:
    [seen] = stack.query(LOOK)
    return seen


def copy(home: Path, name: str) -> Path:
    made = home / f"{name}.copy"
    with (
        contextlib.closing(sqlite3.connect(home / FILE)) as database,
        contextlib.closing(sqlite3.connect(made)) as target,
    ):
        database.backup(target)
    return made


def put_back(stack: Stack, home: Path, made: Path) -> None:
    """As docs/operations.md says: stop both, restore, start both."""
    stack.stop("web")
    stack.stop("worker")
    for rest in home.glob(f"{FILE}-*"):
        rest.unlink()
    shutil.copyfile(made, home / FILE)
    stack.start("web")
    stack.start("worker")
