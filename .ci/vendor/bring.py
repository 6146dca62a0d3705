"""Brings what pages are given by others: the files of the packages in package-lock.json, by npm, which checks them.

npm refuses a package whose hash is not the lock's. Of the files that pages are given, the hashes are written to
files.json, so that the tests find a changed one without a network.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
STATIC = HERE.parents[1] / "deployments" / "static" / "vendor"
#: by package, what pages are given of it
FILES = {"uplot": ("dist/uPlot.iife.min.js", "dist/uPlot.min.css", "LICENSE")}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tealgate-vendor-") as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=folder, check=True)  # noqa: S603 (nothing of it comes from outside)
        for package, files in FILES.items():
            (STATIC / package).mkdir(parents=True, exist_ok=True)
            for file in files:
                shutil.copyfile(Path(folder, "node_modules", package, file), STATIC / package / Path(file).name)
    found = {f"{path.parent.name}/{path.name}": integrity(path) for path in sorted(STATIC.glob("*/*"))}
    (HERE / "files.json").write_text(json.dumps(found, indent=2) + "\n")


def integrity(path: Path) -> str:
    """As npm writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()


if __name__ == "__main__":
    main()
