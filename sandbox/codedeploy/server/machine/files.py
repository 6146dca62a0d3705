"""The files of a bundle, put in place as the agent does it.

First what the last deployment put there goes; then it is worked out what goes where, which may be refused; then that
is done, in order: folders and files, and last their modes and owners. Paths are those of the instance.
"""

import contextlib
import os
import re
import shutil
from dataclasses import dataclass, field
from typing import Any

from sandbox.codedeploy.server.machine import users

Json = dict[str, Any]


@dataclass
class Plan:
    root: str
    exists: str
    folders: list[str] = field(default_factory=list)
    copies: dict[str, str] = field(default_factory=dict)  # destination -> source
    permissions: dict[str, Json] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    def here(self, path: str) -> str:
        return below(self.root, path)


def install(command: Json) -> Json:
    _remove(command["root"], command["ours"])
    plan = Plan(command["root"], command["exists"])
    for each in command["files"]:
        _add(plan, os.path.join(command["from"], each["source"].lstrip("/")), _clean(each["destination"]))
    for each in command["permissions"]:
        _permit(plan, each)
    for path in plan.order:
        _put(plan, path)
    for path, permission in plan.permissions.items():
        _set(plan.here(path), permission)
    return {"installed": plan.order}


def below(root: str, path: str) -> str:
    """Whatever the path says, it stays on the instance."""
    return os.path.join(root, _clean(path).lstrip("/"))


def _clean(path: str) -> str:
    return os.path.normpath("/" + path.lstrip("/"))


def _remove(root: str, ours: list[str]) -> None:
    for path in reversed(ours):
        place = below(root, path)
        with contextlib.suppress(OSError):  # gone, or a folder with something of others in it
            os.rmdir(place) if os.path.isdir(place) and not os.path.islink(place) else os.remove(place)


def _add(plan: Plan, source: str, destination: str) -> None:
    if os.path.isdir(source):
        _ancestors(plan, destination)
        _add_folder(plan, source, destination)
    elif not os.path.lexists(source):
        raise OSError(f"No such file or directory @ rb_sysopen - {source.removeprefix(plan.root)}")
    else:
        destination = os.path.join(destination, os.path.basename(source))
        _ancestors(plan, destination)
        _add_file(plan, source, destination)


def _ancestors(plan: Plan, path: str) -> None:
    missing: list[str] = []
    while (path := os.path.dirname(path)) != "/" and not os.path.exists(plan.here(path)):
        missing.append(path)
    for each in reversed(missing):
        _make(plan, each)


def _make(plan: Plan, path: str) -> None:
    if path not in plan.folders:
        plan.folders.append(path)
        plan.order.append(path)


def _add_folder(plan: Plan, source: str, destination: str) -> None:
    if not os.path.isdir(plan.here(destination)):
        _make(plan, destination)
    for name in sorted(os.listdir(source)):
        inside, place = os.path.join(source, name), os.path.join(destination, name)
        (_add_folder if os.path.isdir(inside) else _add_file)(plan, inside, place)


def _add_file(plan: Plan, source: str, destination: str) -> None:
    if os.path.exists(plan.here(destination)):
        if plan.exists == "RETAIN":
            return
        if plan.exists != "OVERWRITE":
            raise OSError(
                f"The deployment failed because a specified file already exists at this location: {destination}"
            )
    if destination in plan.copies:
        raise OSError(
            "The deployment failed because the application specification file specifies two source files named "
            f"{source} and {plan.copies[destination]} for the same destination ({destination}). Remove one of the "
            "source file paths from the AppSpec file, and then try again."
        )
    plan.copies[destination] = source
    plan.order.append(destination)


def _permit(plan: Plan, permission: Json) -> None:
    """For files and folders of this deployment only, and never for the folder itself that is named as the object."""
    path, kinds = _clean(permission["object"]), permission["type"]
    if path in plan.copies:
        found = [path] if "file" in kinds else []
    elif path in plan.folders or os.path.isdir(plan.here(path)):
        candidates = [*(plan.copies if "file" in kinds else ()), *(plan.folders if "directory" in kinds else ())]
        found = [each for each in candidates if _matches(path, each, permission)]
    else:
        found = []
    for each in found:
        if each in plan.permissions:
            raise OSError(
                f"The deployment failed because the permissions setting for ({each}) is specified more than once in "
                "the application specification file. Update the files section of the AppSpec file, and then try again."
            )
        plan.permissions[each] = permission


def _matches(folder: str, path: str, permission: Json) -> bool:
    inside = path.removeprefix(folder.rstrip("/") + "/")
    if inside == path:
        return False
    wanted = permission["pattern"] == "**" or _fits(inside, permission["pattern"])
    return wanted and not any(_fits(inside, each) for each in permission["except"])


def _fits(name: str, pattern: str) -> bool:
    return "/" not in name and re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name) is not None


def _put(plan: Plan, path: str) -> None:
    place = plan.here(path)
    if path not in plan.copies:
        os.makedirs(place, exist_ok=True)
        return
    if os.path.islink(place):
        os.remove(place)
    # A program may be running from the old file: replaced, not written over.
    shutil.copy2(plan.copies[path], place + ".new", follow_symlinks=False)
    os.replace(place + ".new", place)


def _set(place: str, permission: Json) -> None:
    if permission["mode"]:
        os.chmod(place, int(permission["mode"], 8))
    owner, group = permission["owner"], permission["group"]
    ids = _id("user", owner), _id("group", group)
    if os.getuid() == 0:
        os.chown(place, *ids)


def _id(kind: str, name: str) -> int:
    """-1 leaves it as it is."""
    known = users.read(users.path_of(os.environ["INSTANCE_ROOT"]))
    if name and name not in known:
        raise OSError(f"can't find {kind} for {name}")
    return known.get(name, -1)
