"""The programs that people release with otherwise: the ecs-deploy package, and the AWS CLI with its waiter."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from bench.measuring import ROOT
from sandbox.world import CLUSTER
from tests.stack import Stack

TEALGATE, ECS_DEPLOY, AWS_CLI = "Tealgate", "ecs-deploy", "AWS CLI, services-stable"
#: when its preflight can trust nothing that was asked before
TEALGATE_FIRST = "Tealgate, the first time"
VERSIONS = ("1.1.0", "1.6.0")
VENV = Path(os.environ.get("TEALGATE_CLIENTS_VENV", ROOT / ".venv-clients"))
#: What RegisterTaskDefinition takes of what DescribeTaskDefinition shows.
KEPT = (
    "family", "networkMode", "requiresCompatibilities", "cpu", "memory", "runtimePlatform", "executionRoleArn",
    "taskRoleArn", "containerDefinitions",
)  # fmt: skip


def are_installed() -> bool:
    return (VENV / "bin" / "aws").exists() and (VENV / "bin" / "ecs").exists()


def ecs_deploy(stack: Stack, service: str, image: str) -> "subprocess.Popen[str]":
    """As in a CI job, but for the old task definition, which it would deregister."""
    words = ["ecs", "deploy", CLUSTER, service, "--image", "web", image, "--timeout", "600", "--no-deregister"]
    return _start(stack, words)


def aws_cli(stack: Stack, service: str, image: str) -> None:
    """The usual four commands: describe, register, update, wait."""
    shown = _aws(stack, "describe-task-definition", "--task-definition", service)["taskDefinition"]
    document = {name: shown[name] for name in KEPT if name in shown}
    document["containerDefinitions"][0]["image"] = image
    made = _aws(stack, "register-task-definition", "--cli-input-json", json.dumps(document))["taskDefinition"]
    place = ("--cluster", CLUSTER)
    _aws(stack, "update-service", *place, "--service", service, "--task-definition", made["taskDefinitionArn"])
    _aws(stack, "wait", "services-stable", *place, "--services", service)


def image(stack: Stack, version: str) -> str:
    return f"{stack.sandbox('world')['repository_uri']}:{version}"


def finish(process: "subprocess.Popen[str]") -> None:
    """Wait for it; what went wrong is told in its own words."""
    out, _ = process.communicate(timeout=900)
    if process.returncode:
        raise RuntimeError(f"{process.args!r}: {out[-2000:]}")


def _aws(stack: Stack, *words: str) -> Any:
    process = _start(stack, ["aws", "ecs", *words])
    out, _ = process.communicate(timeout=900)
    if process.returncode:
        raise RuntimeError(f"aws ecs {words[0]}: {out[-2000:]}")
    return json.loads(out or "{}")


def _start(stack: Stack, words: list[str]) -> "subprocess.Popen[str]":
    environment = {
        "PATH": f"{VENV / 'bin'}:/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        **{name: value for name, value in stack.environment.items() if name.startswith("AWS_")},
    }
    return subprocess.Popen(
        [str(VENV / "bin" / words[0]), *words[1:]],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
