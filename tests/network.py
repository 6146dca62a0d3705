"""A network of its own for a test and all that it starts, in which connections can be swallowed (Linux, as root)."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def missing() -> str:
    """Why there can be none, in a sentence; "" when there can."""
    if os.geteuid() != 0:
        return "Only root may make a network"
    lacking = [name for name in ("ip", "ss", "iptables") if not shutil.which(name)]
    return f"Install {' and '.join(lacking)}" if lacking else ""


@contextmanager
def of_its_own() -> Iterator[None]:
    """For this thread, and for threads and processes that it starts meanwhile: nothing but 127.0.0.1."""
    with Path("/proc/thread-self/ns/net").open() as before:
        _do(_libc.unshare(_CLONE_NEWNET))
        try:
            _run("ip", "link", "set", "lo", "up")
            yield
        finally:
            _do(_libc.setns(before.fileno(), _CLONE_NEWNET))


def swallow(server_port: int) -> int:
    """Whatever is sent on connections that are open to it from now on is lost without a word; how many there are."""
    listed = _run("ss", "-Htn", "state", "established", "dport", "=", f":{server_port}")
    ports = [line.split()[2].rpartition(":")[2] for line in listed.splitlines()]
    for port in ports:
        for ends in (("--sport", port, "--dport", str(server_port)), ("--sport", str(server_port), "--dport", port)):
            _run("iptables", "-A", "INPUT", "-p", "tcp", *ends, "-j", "DROP")
    return len(ports)


def _do(code: int) -> None:
    if code:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout
