"""What pages are given by others is what npm's lock names, and nothing was changed in it."""

import base64
import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / ".ci" / "vendor"
STATIC = ROOT / "deployments" / "static" / "vendor"


def integrity(path: Path) -> str:
    """As npm writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()


def test_every_vendored_file_is_the_one_that_was_brought() -> None:
    found = {f"{path.parent.name}/{path.name}": integrity(path) for path in STATIC.glob("*/*")}

    assert found == json.loads((VENDOR / "files.json").read_text())


def test_the_chart_library_is_of_the_pinned_version_and_comes_with_its_licence() -> None:
    wanted = json.loads((VENDOR / "package.json").read_text())["dependencies"]
    locked = json.loads((VENDOR / "package-lock.json").read_text())["packages"]["node_modules/uplot"]

    assert wanted == {"uplot": locked["version"]}
    assert locked["integrity"].startswith("sha512-")
    assert f"(v{locked['version']})" in (STATIC / "uplot" / "uPlot.iife.min.js").read_text()[:80]
    assert "MIT License" in (STATIC / "uplot" / "LICENSE").read_text()
