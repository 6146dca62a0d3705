"""A file that has grown too long no longer says what it is about: then its walls are moved, as part of the change."""

from tests.stack_database import ROOT

LONGEST = 250
ROOMS = ("config", "deployments")


def test_no_module_has_more_lines_than_can_be_kept_in_mind() -> None:
    modules = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]
    long = {
        str(path.relative_to(ROOT)): lines
        for path in modules
        if (lines := len(path.read_text().splitlines())) > LONGEST
    }

    assert len(modules) > 300
    assert long == {}
