"""pytest's workers as forks of one process that has collected the tests, which takes eight seconds."""

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
from typing import Any

import pytest
from execnet import gateway_io
from execnet.gateway_base import Popen2IO

from tests.forkserver import SANDBOX, TEALGATE, Door, ForkServer, shared

#: What is collected, as pytest's command line in JSON, and the numbers of the doors of SHARED.
ARGUMENTS, DOORS = "TEALGATE_COLLECT", "TEALGATE_FORKSERVERS"
#: Forkservers that all workers ask: each would import the same for seconds.
SHARED = (SANDBOX, TEALGATE)
ALONE = ("-n0", "--collect-only", "-qq", "--junitxml=")


def fork_workers(config: pytest.Config) -> None:
    """Whichever worker pytest-xdist starts from now on. They end with `config`."""
    arguments = [str(each) for each in config.invocation_params.args]
    doors = [ForkServer(*modules) for modules in SHARED]
    for door in doors:
        config.add_cleanup(door.close)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ARGUMENTS, json.dumps(arguments))
        patch.setenv(DOORS, json.dumps([door.fileno() for door in doors]))
        ahead = ForkServer("tests.workers:collect", passed=doors)

    class Forked(gateway_io.Popen2IOMaster):
        def __init__(self, args: list[str], execmodel: Any) -> None:
            *_, option, code = args
            with open(2, "ab", closefd=False) as errors:
                self.popen = ahead.start([option, code], os.environ, errors, talks=True)
            Popen2IO.__init__(self, self.popen.stdin, self.popen.stdout, execmodel)

    patch = pytest.MonkeyPatch()
    patch.setattr(gateway_io, "Popen2IOMaster", Forked)
    config.add_cleanup(ahead.close)
    config.add_cleanup(patch.undo)


def collect() -> None:
    """What does not work is told by the workers, which collect all of it once more from the modules that are there."""
    arguments = json.loads(os.environ.pop(ARGUMENTS))
    for modules, number in zip(SHARED, json.loads(os.environ.pop(DOORS)), strict=True):
        os.set_inheritable(number, False)
        door = socket.socket(fileno=number)
        atexit.register(door.close)
        shared[modules] = Door(door)
    tables = subprocess.Popen([sys.executable, "-m", "tests.stack_database"])  # each of them would migrate a database
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        pytest.main([*arguments, *ALONE])
    tables.wait()
