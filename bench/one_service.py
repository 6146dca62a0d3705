"""One service, deployed to by one program after the other: how long until the truth is reported, by how many calls."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING

from bench import peers
from bench.calls import Calls
from bench.measuring import Cell, Table, percentile
from bench.peers import AWS_CLI, ECS_DEPLOY, TEALGATE, TEALGATE_FIRST, VERSIONS

if TYPE_CHECKING:
    from bench.shop import Shop


#: In seconds, for one deployment; targets drain for 300 s unless AWS is told otherwise.
LONGEST = 600


@dataclass(frozen=True)
class Run:
    started: datetime
    healthy: datetime
    done: datetime
    reported: datetime
    calls: int
    to_ecs: int
    waiting: int

    def seconds(self) -> tuple[float, ...]:
        """Until it was reported, from the start, from healthy, and from done."""
        return tuple((self.reported - since).total_seconds() for since in (self.started, self.healthy, self.done))


ROWS = (TEALGATE, TEALGATE_FIRST, ECS_DEPLOY, AWS_CLI)
#: Runs by row.
Found = Mapping[str, Sequence[Run]]


def measure(shop: "Shop", programs: Sequence[str], drain: int, runs: int) -> Found:
    """So many rounds of one run of each program; what Tealgate asks the first time is told apart."""
    from bench import legacy

    service = legacy.take_over(shop, *legacy.build(shop, 1, drain))
    deployed = count()
    found: dict[str, list[Run]] = {}
    for name in [*programs] * runs:
        row, run = _run(shop, service, _PROGRAMS[name], VERSIONS[next(deployed) % 2])
        found.setdefault(row, []).append(run)
    return {name: found[name] for name in ROWS if name in found}


def table(found: Found, how: str) -> Table:
    return Table(
        (f"one service, {how}", "runs", "start to reported (s)", "healthy to reported (s)", "done to reported (s)",
         "× Tealgate's", "AWS calls", "of them to ECS", "waiting"),
        [_row(name, runs, found[TEALGATE]) for name, runs in found.items()],
    )  # fmt: skip


def _row(name: str, runs: Sequence[Run], ours: Sequence[Run]) -> list[Cell]:
    def median(of: Sequence[Run], which: int) -> float:
        return percentile([run.seconds()[which] for run in of], 50)

    return [
        name,
        len(runs),
        *(median(runs, which) for which in range(3)),
        f"{median(runs, 0) / median(ours, 0):.1f}, {median(runs, 1) / median(ours, 1):.1f}, "
        f"{median(runs, 2) / median(ours, 2):.1f}",
        percentile([run.calls for run in runs], 50),
        percentile([run.to_ecs for run in runs], 50),
        percentile([run.waiting for run in runs], 50),
    ]


def _run(shop: "Shop", service: str, deploy: Callable[["Shop", str, str], str], version: str) -> tuple[str, Run]:
    from bench import legacy
    from bench.shop import now

    legacy.settle(shop, service)
    with Calls(shop) as calls:
        started = now()
        row = deploy(shop, service, version)
        reported = now()
    healthy = legacy.when(shop, service, "has begun draining connections", started)
    done = legacy.when(shop, service, "deployment completed.", started)
    return row, Run(started, healthy, done, reported, calls.total, calls.to_ecs, calls.waiting)


# Each says under which name its run is told.


def _tealgate(shop: "Shop", service: str, version: str) -> str:
    deployment = shop.deploy(version, "ROLLING", service)
    shop.finish(deployment, within=LONGEST)
    trusted = any(result["check"] == "earlier-answers" for result in deployment.preflight)
    return TEALGATE if trusted else TEALGATE_FIRST


def _ecs_deploy(shop: "Shop", service: str, version: str) -> str:
    peers.finish(peers.ecs_deploy(shop.stack, service, peers.image(shop.stack, version)))
    return ECS_DEPLOY


def _aws_cli(shop: "Shop", service: str, version: str) -> str:
    peers.aws_cli(shop.stack, service, peers.image(shop.stack, version))
    return AWS_CLI


_PROGRAMS = {TEALGATE: _tealgate, ECS_DEPLOY: _ecs_deploy, AWS_CLI: _aws_cli}
