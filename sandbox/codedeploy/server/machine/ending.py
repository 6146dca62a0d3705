"""The end of an instance: every process that ever started on it, and its files."""

import contextlib
import os
import shutil
import signal

MARK = "SANDBOX_INSTANCE"


def end_everything(root: str, mark: str) -> None:
    """Called by its agent, which ends last."""
    end_processes(mark)
    remove_files(root)
    with contextlib.suppress(OSError):
        os.rmdir(os.path.dirname(root))  # the last of the instances takes their common directory along
    os.killpg(0, signal.SIGKILL)


def end_processes(mark: str) -> None:
    """All but the caller. Scripts lead process groups of their own, but hand their environment on."""
    sought = f"{MARK}={mark}".encode()
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit() and int(name) != os.getpid():
            with contextlib.suppress(OSError), open(f"/proc/{name}/environ", "rb") as environ:
                if sought in environ.read().split(b"\0"):
                    os.kill(int(name), signal.SIGKILL)


def remove_files(root: str) -> None:
    shutil.rmtree(root, ignore_errors=True)
    shutil.rmtree(f"{root}.commands", ignore_errors=True)
