"""A pipeline's commands from the first one to live: the client beside ecs-deploy and the AWS CLI, on one service."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from bench import peers
from bench.measuring import ROOT, Cell, Table, percentile
from bench.peers import AWS_CLI, ECS_DEPLOY, VERSIONS

if TYPE_CHECKING:
    from bench.shop import Shop

CLIENT = "tealgate deploy --image"
SCALE = 10
#: Draining of 1 s of AWS is over at once.
DRAIN = 1
LONGEST = 600


def measure(shop: "Shop", runs: int) -> Table:
    """So many rounds, one program after the other."""
    from bench import legacy

    service = legacy.take_over(shop, *legacy.build(shop, 1, DRAIN))
    client = _Client(shop)
    programs: dict[str, Callable[[str], None]] = {
        CLIENT: lambda version: client.deploy(service, version),
        ECS_DEPLOY: lambda version: peers.finish(
            peers.ecs_deploy(shop.stack, service, peers.image(shop.stack, version))
        ),
        AWS_CLI: lambda version: peers.aws_cli(shop.stack, service, peers.image(shop.stack, version)),
    }
    took: dict[str, list[float]] = {name: [] for name in programs}
    deployed = count()
    for name, deploy in [*programs.items()] * runs:
        legacy.settle(shop, service)
        began = time.monotonic()
        deploy(VERSIONS[next(deployed) % 2])
        took[name].append(time.monotonic() - began)
    ours = percentile(took[CLIENT], 50)
    return Table(
        ("register, deploy, wait until it is live", "runs", "p50, s", "max, s", "× the client's"),
        [_row(name, each, ours) for name, each in took.items()],
    )


def _row(name: str, took: list[float], ours: float) -> list[Cell]:
    half = percentile(took, 50)
    return [name, len(took), round(half, 1), round(max(took), 1), round(half / ours, 1)]


class _Client:
    """`tealgate` as a CI job has it: installed, with a token."""

    def __init__(self, shop: "Shop") -> None:
        (secret,) = shop.tokens(1, "read", "releases:write", "deployments:write")
        self._stack = shop.stack
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "client"),
            "HOME": "/nonexistent",
            "LC_ALL": "C.UTF-8",
            "TEALGATE_URL": shop.stack.url,
            "TEALGATE_TOKEN": secret,
        }
        self._builds = count(1)

    def deploy(self, service: str, version: str) -> None:
        """Another build of that image, as a release of its own. Raises RuntimeError unless it is live in the end."""
        build = f"{version}-build.{next(self._builds)}"
        image = f"web={peers.image(self._stack, version)}"
        words = ("--image", image, "--json", "--reason", "measure it")
        said = json.loads(self._run("deploy", f"storefront/{service}", build, *words))
        if said["exit_code"]:
            raise RuntimeError(said["sentence"])

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "tealgate", *words],
            env=self._environment, cwd="/", capture_output=True, text=True, timeout=LONGEST,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"tealgate {' '.join(words)}: {done.returncode} {done.stdout}{done.stderr}")
        return done.stdout
