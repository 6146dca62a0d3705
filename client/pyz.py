"""`make client`: the command and click in one file that any Python 3.10 runs. Reads what is installed beside it."""

import importlib.metadata
import shutil
import sys
import tempfile
import zipapp
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        _gather(Path(folder))
        zipapp.create_archive(
            folder, target, interpreter="/usr/bin/env python3", main="tealgate.__main__:main", compressed=True
        )


def _gather(folder: Path) -> None:
    """No bytecode, which is for one Python only; click's licence, which asks to come along."""
    shutil.copytree(HERE / "tealgate", folder / "tealgate", ignore=shutil.ignore_patterns("__pycache__"))
    for file in importlib.metadata.files("click") or ():
        if file.suffix == ".py" or "LICENSE" in file.name:
            place = folder / file
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), place)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
