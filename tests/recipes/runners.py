"""CI systems as far as our recipes need them: a folder, variables, and what each of them does with its file."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.stack_database import ROOT

_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
#: docker and aws, which nobody has to have here: the push is known already.
_DOCKER = """#!/bin/sh
echo "docker $*" >>"$CALLS"
case $1 in inspect) echo "$PUSHED";; login) cat >/dev/null;; esac
"""
_AWS = """#!/bin/sh
echo "aws $*" >>"$CALLS"
echo password
"""


@dataclass
class Job:
    """`folder`: a checkout that has our recipe's files."""

    folder: Path
    variables: dict[str, str]
    said: str = ""
    outputs: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path, pyz: Path, pushed: str, **variables: str) -> "Job":
        for name, text in {"docker": _DOCKER, "aws": _AWS}.items():
            place = folder / "bin" / name
            place.parent.mkdir(exist_ok=True)
            place.write_text(text)
            place.chmod(0o755)
        (folder / "ci").mkdir()
        (folder / "ci" / "tealgate.pyz").symlink_to(pyz)
        (folder / "ci" / "deploy.sh").symlink_to(ROOT / "recipes" / "deploy.sh")
        usual = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HOME": str(folder), "PUSHED": pushed}
        return cls(folder, {**usual, "CALLS": str(folder / "calls"), "CI": "true", **variables})

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()

    def shell(self, script: str, shell: str = "sh", **variables: str) -> int:
        """Its exit code; -e as each of them does."""
        done = subprocess.run(
            [shell, "-e", "-c", script], cwd=self.folder, env={**self.variables, **variables}, text=True, timeout=120,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        self.said += done.stdout
        return done.returncode


def gitlab(job: Job, file: str, *names: str) -> int:
    """The lines of these jobs, one after the other in a shell each."""
    document = _read(file)
    given = {name: _expanded(value, job.variables) for name, value in document["variables"].items()}
    given |= {"TEALGATE_URL": job.variables["TEALGATE_URL"]}
    return next((code for name in names if (code := job.shell("\n".join(document[name]["script"]), **given))), 0)


def code_build(job: Job, file: str) -> int:
    """All phases in one shell, as version 0.2 does."""
    phases = _read(file)["phases"]
    lines = [line for name in ("pre_build", "build", "post_build") for line in phases[name]["commands"]]
    return job.shell("\n".join(lines))


def travis(job: Job, file: str) -> int:
    return job.shell(_read(file)["deploy"]["script"], "bash")


def github(job: Job, file: str, **inputs: str) -> int:
    """A composite action's steps: `if`, `env`, `run`, outputs, and what `${{ … }}` stands for."""
    action = _read(file)
    known = {name: _inserted(each.get("default", ""), {}, job.variables) for name, each in action["inputs"].items()}
    known |= {name.replace("_", "-"): value for name, value in inputs.items()}
    for step in action["runs"]["steps"]:
        if not _holds(step.get("if", "true"), known):
            continue
        variables = {name: _inserted(value, known, job.variables) for name, value in step.get("env", {}).items()}
        assert "${{" not in step["run"], "what others wrote may not become part of a script"
        if code := job.shell(step["run"], step["shell"], **variables):
            return code
    written = Path(job.variables["GITHUB_OUTPUT"]).read_text().splitlines()
    job.outputs = dict(line.split("=", 1) for line in written)
    return 0


def _read(file: str) -> Any:
    return yaml.safe_load((ROOT / file).read_text())


def _expanded(value: str, variables: Mapping[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda found: variables[found[1]], value)


def _inserted(text: str, inputs: Mapping[str, str], variables: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        where, _, name = found[1].partition(".")
        return inputs[name] if where == "inputs" else variables[f"GITHUB_{name.upper()}"]

    return _EXPRESSION.sub(value, text)


def _holds(condition: str, inputs: Mapping[str, str]) -> bool:
    if condition == "true":
        return True
    found = re.fullmatch(r"inputs\.([\w-]+) (==|!=) ''", condition)
    assert found, condition
    return (inputs[found[1]] == "") is (found[2] == "==")
