"""Bundles, unpacked as the agent does it."""

import os
import re
import shutil
import tarfile
import zipfile
from typing import Any

Json = dict[str, Any]
APPSPEC = "appspec.yml"  # hooks are looked for in no other, so appspec.yaml does not do


def unpack(command: Json) -> Json:
    archive, target = command["archive"], command["to"]
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target)
    if command["kind"] == "directory":
        shutil.copytree(archive, target, dirs_exist_ok=True)
    elif command["kind"] == "zip":
        _unzip(archive, target)
    else:
        with tarfile.open(archive) as bundle:
            bundle.extractall(target, filter="data")
    _without_top(target)
    path = os.path.join(target, APPSPEC)
    if not os.path.exists(path):
        return {"appspec": None}
    with open(path, encoding="utf-8-sig") as file:
        return {"appspec": file.read()}


def _unzip(archive: str, target: str) -> None:
    with zipfile.ZipFile(archive) as bundle:
        bundle.extractall(target)  # noqa: S202 - zipfile keeps members below the target
        for entry in bundle.infolist():  # zipfile forgets which files are executable
            mode = entry.external_attr >> 16 & 0o777
            if mode and not entry.is_dir():
                os.chmod(os.path.join(target, entry.filename), mode)


def _without_top(target: str) -> None:
    """A single folder with everything in it is left out, as GitHub's archives have it, if an AppSpec is in it."""
    names = os.listdir(target)
    top = os.path.join(target, names[0]) if len(names) == 1 else ""
    if not os.path.isdir(top) or not any(re.search("appspec", name, re.IGNORECASE) for name in os.listdir(top)):
        return
    aside = f"{target}-temp"
    shutil.rmtree(aside, ignore_errors=True)
    os.rename(target, aside)
    os.rename(os.path.join(aside, names[0]), target)
    os.rmdir(aside)
