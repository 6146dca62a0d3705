"""What CI does with stories that failed: `.ci/second_try.py`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack_database import ROOT

FLOWS = ("tests/flows/test_one.py", "tests/flows/test_two.py", "tests/sandbox/test_three.py", "tests/demo/test_four.py")
STORY = "def test_a() -> None: assert {passes}\n\n\ndef test_b() -> None: pass\n"


def tried(home: Path, *failed: str, passes: bool = True) -> tuple[int, str]:
    """How it ended, and what it said, after these tests had failed."""
    (home / ".pytest_cache/v/cache").mkdir(parents=True)
    (home / ".pytest_cache/v/cache/lastfailed").write_text(json.dumps(dict.fromkeys(failed, True)))
    for file in {test.partition("::")[0] for test in failed}:
        (home / file).parent.mkdir(parents=True, exist_ok=True)
        (home / file).write_text(STORY.format(passes=passes))
    (home / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib -p no:django\n")
    done = subprocess.run([sys.executable, ROOT / ".ci/second_try.py"], cwd=home, capture_output=True, text=True)
    return done.returncode, done.stdout


def test_a_file_that_failed_is_run_again_as_a_whole_and_its_tests_are_named(tmp_path: Path) -> None:
    code, said = tried(tmp_path, f"{FLOWS[0]}::test_a")

    assert code == 0
    assert f"UNSTEADY, their files are tried once more alone:\n  {FLOWS[0]}::test_a\n" in said
    assert "2 passed" in said


def test_four_files_are_tried_however_many_tests_of_them_failed(tmp_path: Path) -> None:
    code, said = tried(tmp_path, *(f"{file}::test_{name}" for file in FLOWS for name in "ab"))

    assert (code, said.count("::test_")) == (0, 8)
    assert "8 passed" in said


def test_what_fails_again_has_failed(tmp_path: Path) -> None:
    code, said = tried(tmp_path, f"{FLOWS[0]}::test_a", passes=False)

    assert (code, "1 failed, 1 passed" in said) == (1, True)


@pytest.mark.parametrize(
    ("failed", "words"),
    [
        ((), "0 failed in 0 files, 0 of these"),
        ((*FLOWS, "tests/flows/test_five.py"), "5 failed in 5 files, 0 of these"),
        ((f"{FLOWS[0]}::test_a", "tests/swaps/test_a.py::test_a"), "2 failed in 2 files, 1 of these"),
    ],
)
def test_too_many_and_what_starts_no_processes_get_no_second_try(
    failed: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    assert tried(tmp_path, *failed) == (1, f"No second try: {words} without processes.\n")
