"""requirements.lock: what the image installs is what requirements.txt names and what the tests ran with."""

import re
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
LOCKED = dict(re.findall(r"^([a-z0-9-]+)==(\S+) \\$", LOCK, re.MULTILINE))
#: python_full_version of each that the Dockerfile may stand on; Debian 12 has 3.11.2.
PYTHONS = ("3.11.2", "3.11.14", "3.12.12", "3.13.9", "3.14.0")


def wanted() -> list[Requirement]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def test_all_that_requirements_txt_names_is_locked_as_it_is_pinned_there() -> None:
    assert {canonicalize_name(each.name): str(each.specifier) for each in wanted()} == {
        canonicalize_name(each.name): f"=={LOCKED.get(canonicalize_name(each.name))}" for each in wanted()
    }


@pytest.mark.parametrize("python", PYTHONS)
def test_all_that_is_needed_is_locked_on_every_python(python: str) -> None:
    pending = [(canonicalize_name(each.name), frozenset(each.extras)) for each in wanted()]
    seen = set()
    while pending:
        name, extras = pending.pop()
        assert name in LOCKED
        if (name, extras) in seen or name == "async-timeout":  # not installed where it is not needed, and needs nothing
            continue
        seen.add((name, extras))
        for line in distribution(name).requires or ():
            requirement = Requirement(line)
            if _applies(requirement, python, extras):
                assert LOCKED.get(canonicalize_name(requirement.name), "") in requirement.specifier, line
                pending.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))


def test_the_tests_run_with_what_is_locked() -> None:
    here = {name: distribution(name).version for name in LOCKED if name != "async-timeout"}

    assert here == {name: version for name, version in LOCKED.items() if name != "async-timeout"}


def test_every_file_is_named_by_its_hash_and_no_host_is() -> None:
    blocks = re.split(r"\n(?=[a-z])", LOCK)[1:]

    assert len(blocks) == len(LOCKED)
    for block in blocks:
        assert re.fullmatch(r"[a-z0-9-]+==\S+( \\\n    --hash=sha256:[0-9a-f]{64})+\n?", block), block
    assert "://" not in LOCK
    assert "index" not in LOCK


def test_the_image_installs_nothing_else() -> None:
    (install,) = re.findall(r"pip install [^&]+", (ROOT / "Dockerfile").read_text())

    assert "--require-hashes -r requirements.lock" in install
    assert "--only-binary :all:" in install
    assert "!requirements.lock" in (ROOT / ".dockerignore").read_text().splitlines()


def _applies(requirement: Requirement, python: str, extras: frozenset[str]) -> bool:
    place = {"python_full_version": python, "python_version": ".".join(python.split(".")[:2])}
    place |= {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
    place |= {"platform_python_implementation": "CPython", "implementation_name": "cpython"}
    return requirement.marker is None or any(
        requirement.marker.evaluate({**place, "extra": extra}) for extra in (extras or {""})
    )
