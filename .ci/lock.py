"""Writes requirements.lock: requirements.txt and all that it needs, each with the hashes that its index publishes.

The index is PIP_INDEX_URL, or PyPI; other sources of this machine's pip are left out, so that the hashes are those
that everybody gets. All files of a version are listed, whatever the platform. Conditions are not: what one Python
needs is installed on all.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
INDEX = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")
HEADER = """\
# Made by `make lock` of requirements.txt; not to be edited. What the image installs, and nothing but these very files.
"""


def main() -> None:
    wanted = [line.partition(";")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines()]
    pins = resolved([line for line in wanted if line and not line.startswith("#")])
    lines = [HEADER]
    for name, version in sorted(pins.items()):
        hashes = "".join(f" \\\n    --hash=sha256:{digest}" for digest in sorted(published(name, version)))
        lines.append(f"{name}=={version}{hashes}\n")
    (ROOT / "requirements.lock").write_text("".join(lines))
    print(f"requirements.lock: {len(pins)} packages")


def resolved(wanted: list[str]) -> dict[str, str]:
    """Version by normalised name, as pip would install them into an empty environment of this Python."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PIP_") or key == "PIP_CERT"}
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(wanted))
        file.flush()
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
        done = subprocess.run(  # noqa: S603 - this Python's own pip
            [*command, "--index-url", INDEX, "--report", "-", "--requirement", file.name],
            env={**kept, "PIP_CONFIG_FILE": os.devnull}, check=True, text=True, stdout=subprocess.PIPE,
        )  # fmt: skip
    found = (each["metadata"] for each in json.loads(done.stdout)["install"])
    return {normalised(each["name"]): each["version"] for each in found}


def published(name: str, version: str) -> Iterator[str]:
    """SHA-256 of every file of this version. Raises LookupError when there is none."""
    wanted = {"Accept": "application/vnd.pypi.simple.v1+json"}
    request = urllib.request.Request(f"{INDEX}/{name}/", headers=wanted)  # noqa: S310 - the index
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        files: list[dict[str, Any]] = json.load(answer)["files"]
    digests = [each["hashes"]["sha256"] for each in files if version_of(name, each["filename"]) == version]
    if not digests:
        raise LookupError(f"{INDEX} has no file of {name} {version}")
    yield from digests


def version_of(name: str, filename: str) -> str:
    """Of a wheel or a source archive; "" for others."""
    stem = re.sub(r"(\.tar\.gz|\.zip|\.whl)$", "", filename)
    if stem == filename:
        return ""
    distribution = re.match("[-_.]".join(map(re.escape, name.split("-"))) + "-", stem, re.IGNORECASE)
    return stem[distribution.end() :].split("-")[0] if distribution else ""


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
