"""The agent on an instance: commands on standard input, answers on standard output.

One JSON object a line each way. Like the program of the images it uses only light modules and ends when its
standard input closes, because then the sandbox is gone. Everything that scripts have started ends with it:
they share its process group, and those that left it still carry its name in their environment.

    {"id", "do": "unpack", "archive", "kind", "to"}           -> {"appspec": text or null}
    {"id", "do": "install", "from", "root", "files", "permissions", "exists", "ours"} -> {"installed": [...]}
    {"id", "do": "run", "script", "timeout", "environment", "cwd"} -> {"code" or "problem", "log"}

An answer with "error" is a failure in the agent's own words.
"""

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import zipfile
from typing import Any

Json = dict[str, Any]
LOG_TAIL = 4096
MARK = "SANDBOX_INSTANCE"
ROOT = os.environ["INSTANCE_ROOT"]


def unpack(command: Json) -> Json:
    archive, target = command["archive"], command["to"]
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target)
    if command["kind"] == "directory":
        shutil.copytree(archive, target, dirs_exist_ok=True)
    elif command["kind"] == "zip":
        with zipfile.ZipFile(archive) as bundle:
            bundle.extractall(target)  # noqa: S202 - zipfile keeps members below the target
            for entry in bundle.infolist():  # zipfile forgets which files are executable
                mode = entry.external_attr >> 16 & 0o777
                if mode and not entry.is_dir():
                    os.chmod(os.path.join(target, entry.filename), mode)
    else:
        with tarfile.open(archive) as bundle:
            bundle.extractall(target, filter="data")
    for name in ("appspec.yml", "appspec.yaml"):
        path = os.path.join(target, name)
        if os.path.exists(path):
            with open(path) as file:
                return {"appspec": file.read()}
    return {"appspec": None}


def install(command: Json) -> Json:
    """Copy files to their destinations; what is there already and not ours decides by ``exists``."""
    ours = set(command["ours"])
    installed = []
    for each in command["files"]:
        source = os.path.join(command["from"], each["source"].lstrip("/"))
        destination = below(command["root"], each["destination"])
        for origin, place in _copies(source, destination):
            if os.path.exists(place) and place not in ours:
                if command["exists"] == "RETAIN":
                    continue
                if command["exists"] == "DISALLOW":
                    raise OSError(
                        "The deployment failed because a specified file already exists at this location: "
                        + place.removeprefix(command["root"])
                    )
            os.makedirs(os.path.dirname(place), exist_ok=True)
            # A program may be running from the old file: replaced, not written over.
            shutil.copy2(origin, place + ".new")
            os.replace(place + ".new", place)
            installed.append(place)
    for place in ours.difference(installed):
        with contextlib.suppress(OSError):
            os.remove(place)
    for each in command["permissions"]:
        if each.get("mode") is not None:
            _change_modes(below(command["root"], each["object"]), each)
    return {"installed": installed}


def _copies(source: str, destination: str) -> list[tuple[str, str]]:
    if os.path.isfile(source):
        return [(source, os.path.join(destination, os.path.basename(source)))]
    if not os.path.isdir(source):
        raise OSError("No such file or directory - " + source)
    found = []
    for folder, _, names in os.walk(source):
        inside = os.path.relpath(folder, source)
        found += [(os.path.join(folder, n), os.path.normpath(os.path.join(destination, inside, n))) for n in names]
    return found


def _change_modes(path: str, permission: Json) -> None:
    mode = int(str(permission["mode"]), 8)
    kinds = permission.get("type") or ["file", "directory"]
    paths = [path]
    for folder, folders, names in os.walk(path):
        paths += [os.path.join(folder, name) for name in folders + names]
    for each in paths:
        if ("directory" if os.path.isdir(each) else "file") in kinds:
            os.chmod(each, mode)


def below(root: str, path: str) -> str:
    """Whatever the path says, it stays on the instance."""
    return os.path.join(root, os.path.normpath("/" + path).lstrip("/"))


def run(command: Json) -> Json:
    script = command["script"]
    if not os.path.isfile(script):
        return {"problem": "missing", "log": ""}
    os.chmod(script, os.stat(script).st_mode | 0o100)
    log = os.path.join(os.path.dirname(command["cwd"]), "logs")
    with open(log, "ab+") as output:
        begin = output.tell()
        answer: Json
        try:
            started = _start(command, output)
            code = started.wait(command["timeout"])
            answer = {"code": code}
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()
            answer = {"problem": "timeout"}
        except OSError as error:
            answer = {"problem": "not executable", "words": str(error)}
        output.seek(begin)
        answer["log"] = output.read()[-LOG_TAIL:].decode(errors="replace")
    return answer


def _start(command: Json, output: Any) -> "subprocess.Popen[bytes]":
    """AWS's agent starts scripts as a shell does: one that does not say what runs it is run by a shell."""
    words = [command["script"]]
    while True:
        try:
            return subprocess.Popen(  # noqa: S603 - the scripts of the bundle
                words,
                cwd=command["cwd"],
                env={**os.environ, **command["environment"]},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            if error.errno != errno.ENOEXEC or len(words) > 1:
                raise
            words = ["/bin/sh", *words]


def end_everything() -> None:
    mark = f"{MARK}={os.environ[MARK]}".encode()
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit() and int(name) != os.getpid():
            with contextlib.suppress(OSError), open(f"/proc/{name}/environ", "rb") as environ:
                if mark in environ.read().split(b"\0"):
                    os.kill(int(name), signal.SIGKILL)
    shutil.rmtree(ROOT, ignore_errors=True)
    shutil.rmtree(f"{ROOT}.commands", ignore_errors=True)
    with contextlib.suppress(OSError):
        os.rmdir(os.path.dirname(ROOT))  # the last of the instances takes their common directory along
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    verbs = {"unpack": unpack, "install": install, "run": run}
    lines: list[str] = []
    arrived = threading.Condition()

    def read() -> None:
        for line in sys.stdin:
            with arrived:
                lines.append(line)
                arrived.notify()
        end_everything()

    threading.Thread(target=read, daemon=True).start()
    while True:
        with arrived:
            arrived.wait_for(lambda: lines)
            command = json.loads(lines.pop(0))
        try:
            answer = verbs[command["do"]](command)
        except Exception as error:
            answer = {"error": f"{error}" or type(error).__name__}
        print(json.dumps({"id": command["id"], **answer}), flush=True)


if __name__ == "__main__":
    main()
