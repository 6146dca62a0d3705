"""A part of this machine's processors, as ECS gives it to a task: by the kernel's control groups. Needs root."""

import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
PERIOD_MICROSECONDS = 100_000


class Share:
    """What is added, and all that it starts from then on, together get no more than this."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, pid: int) -> None:
        (self._folder / "cgroup.procs").write_text(str(pid))


def missing() -> str:
    """What this machine lacks for it, in words; "" when it lacks nothing."""
    if os.geteuid() != 0:
        return "Limiting processors needs root"
    if not (_is_version_2() or (ROOT / "cpu" / "cpu.cfs_quota_us").exists()):
        return f"{ROOT} does not limit processors"
    return ""


@contextmanager
def share(processors: float) -> Iterator[Share]:
    """Empty at first; whatever is in it has to have ended when it is left."""
    folder = (ROOT if _is_version_2() else ROOT / "cpu") / f"tealgate-bench-{os.getpid()}"
    folder.mkdir()
    try:
        quota = round(processors * PERIOD_MICROSECONDS)
        if _is_version_2():
            (folder / "cpu.max").write_text(f"{quota} {PERIOD_MICROSECONDS}")
        else:
            (folder / "cpu.cfs_period_us").write_text(str(PERIOD_MICROSECONDS))
            (folder / "cpu.cfs_quota_us").write_text(str(quota))
        yield Share(folder)
    finally:
        for _ in range(50):
            with contextlib.suppress(OSError):  # what was killed is still going
                folder.rmdir()
                break
            time.sleep(0.1)


def _is_version_2() -> bool:
    controllers = ROOT / "cgroup.subtree_control"
    return controllers.exists() and "cpu" in controllers.read_text().split()
