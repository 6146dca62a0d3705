"""Forks of a forkserver are processes like those that `python` starts."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.forkserver import ROOT, Forked, ForkServer

#: moto has such a one.
OWN = random.Random()
ABOUT = """
import json, os, sys
print(json.dumps({"session": os.getsid(0), "environment": dict(os.environ), "words": sys.argv, "folder": os.getcwd(),
    "files": sorted(os.listdir("/dev/fd"))}))
sys.exit(3)
"""
RANDOM = """
import json, random, secrets, uuid
from tests.test_forkserver import OWN
print(json.dumps([random.random(), OWN.random(), secrets.token_hex(), str(uuid.uuid4())]))
"""
UPPER = "import sys; print(sys.stdin.read().upper())"
#: What asks by a number that it was given, and says how that ended.
ASK = """
import os, socket, sys
from tests.forkserver import Door
with socket.socket(fileno=int(sys.argv[1])) as door:
    print(Door(door).start(["-c", "raise SystemExit(5)"], os.environ, sys.stderr.buffer, talks=False).wait(20))
"""
WAIT = "import time; time.sleep(100)"
#: Many of these end in the same moment.
TOGETHER = "import os, time; time.sleep(0.3 - time.time() % 0.3); os._exit(7)"
ENVIRONMENT = {"PATH": os.environ["PATH"], "ONLY": "this"}


@pytest.fixture(scope="module")
def forkserver() -> Iterator[ForkServer]:
    with closing(ForkServer("tests.test_forkserver")) as made:
        yield made


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def start(forkserver: ForkServer, log: Path, *words: str, talks: bool = False) -> Forked:
    with log.open("ab") as file:
        return forkserver.start(words, ENVIRONMENT, file, talks=talks)


def test_a_fork_is_what_python_would_have_started(forkserver: ForkServer, log: Path) -> None:
    with (real := log.with_name("real")).open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", ABOUT, "a word"], cwd=ROOT, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=file,
            stderr=file, start_new_session=True,
        )  # fmt: skip
    fork = start(forkserver, log, "-c", ABOUT, "a word")

    assert (fork.wait(20), process.wait(20)) == (3, 3)
    told, wanted = (json.loads(each.read_text()) for each in (log, real))
    assert (told.pop("session"), wanted.pop("session")) == (fork.pid, process.pid)
    wanted["environment"].pop("LC_CTYPE", None)  # which python sets when it begins without a locale
    assert told == wanted


def test_no_two_forks_have_the_same_random_numbers(forkserver: ForkServer, log: Path) -> None:
    for _ in range(2):
        assert start(forkserver, log, "-c", RANDOM).wait(20) == 0

    one, two = map(json.loads, log.read_text().splitlines())

    assert not set(one) & set(two)


@pytest.mark.parametrize("form", ["code", "file", "module"])
def test_one_that_talks_answers(forkserver: ForkServer, log: Path, form: str) -> None:
    file = log.with_name("upper.py")
    file.write_text(UPPER)
    words = {"code": ["-c", UPPER], "file": [str(file)], "module": ["-m", "json.tool", "--compact"]}[form]
    fork = start(forkserver, log, *words, talks=True)
    assert fork.stdin is not None and fork.stdout is not None

    with fork.stdin, fork.stdout:
        fork.stdin.write(b'["A"\n]')
        fork.stdin.close()

        assert fork.stdout.read().split() == ([b'["A"]'] if form == "module" else [b'["A"', b"]"])
    assert fork.wait(20) == 0


def test_whoever_waits_learns_of_a_kill_and_of_an_error(forkserver: ForkServer, log: Path) -> None:
    fork = start(forkserver, log, "-c", WAIT)
    assert fork.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        fork.wait(0.01)

    fork.kill()

    assert (fork.wait(20), fork.poll()) == (-signal.SIGKILL, -signal.SIGKILL)
    fork.terminate()  # one that is gone
    assert start(forkserver, log, "-c", "raise SystemError('on purpose')").wait(20) == 1
    assert log.read_text().endswith("SystemError: on purpose\n")


def test_what_it_started_ends_with_it(log: Path) -> None:
    with closing(ForkServer()) as short:
        fork = start(short, log, "-c", WAIT)

    assert fork.wait(20) == -signal.SIGKILL


def test_forks_that_end_in_the_same_moment_are_all_told_of(forkserver: ForkServer, log: Path) -> None:
    for _ in range(3):
        forks = [start(forkserver, log, "-c", TOGETHER) for _ in range(40)]

        assert [fork.wait(20) for fork in forks] == [7] * 40


def test_a_forkserver_is_asked_by_whoever_was_given_its_door(forkserver: ForkServer, log: Path) -> None:
    with closing(ForkServer(passed=[forkserver])) as other:
        asking = [start(other, log, "-c", ASK, str(forkserver.fileno())) for _ in range(8)]

        assert [fork.wait(20) for fork in asking] == [0] * 8
    assert log.read_text() == "5\n" * 8


def test_what_it_started_ends_though_others_have_its_door(log: Path) -> None:
    door = ForkServer()
    with closing(ForkServer(passed=[door])) as other:
        beside, asked = start(other, log, "-c", WAIT), start(door, log, "-c", WAIT)

        door.close()

        assert (asked.wait(20), beside.poll()) == (-signal.SIGKILL, None)
    assert beside.wait(20) == -signal.SIGKILL


def test_one_that_is_never_asked_imports_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    ForkServer("no.such_module").close()

    assert capfd.readouterr().err == ""
