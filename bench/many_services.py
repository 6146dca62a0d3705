"""Many services at once: Tealgate's one worker against a process of ecs-deploy for each of them."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench import memory, peers
from bench.calls import Calls
from bench.measuring import Cell, Table
from bench.peers import ECS_DEPLOY, TEALGATE, VERSIONS

if TYPE_CHECKING:
    from bench.shop import Shop

#: In seconds, for targets to drain; AWS's default is 300.
DRAIN = 60


def measure(shop: "Shop", count: int) -> Table:
    from bench import legacy

    names = [legacy.take_over(shop, name) for name in legacy.build(shop, count, DRAIN)]
    ours = _together(shop, count, lambda: _tealgates(shop, names))
    for name in names:
        legacy.settle(shop, name)
    theirs = _together(shop, count, lambda: _ecs_deploys(shop, names))
    return Table(
        (f"{count} services at once", "seconds", "AWS calls", "a minute", "a minute, while waiting", "× Tealgate's",
         "RSS (MiB)", "PSS (MiB)", "processes"),
        [_fleet_row(TEALGATE, ours, ours), _fleet_row(ECS_DEPLOY, theirs, ours)],
    )  # fmt: skip


@dataclass(frozen=True)
class Started:
    pids: Sequence[int]
    finish: Callable[[], None]


@dataclass(frozen=True)
class Fleet:
    seconds: float
    calls: int
    waiting: int
    waited: float
    memory: memory.Memory


def _together(shop: "Shop", count: int, start: Callable[[], Started]) -> Fleet:
    with Calls(shop, updates=count) as calls:
        began = time.monotonic()
        started = start()
        sampled: list[memory.Memory] = []
        sampler = threading.Timer(DRAIN / 2, lambda: sampled.append(memory.of(started.pids)))
        sampler.start()
        started.finish()
        seconds = time.monotonic() - began
        sampler.join()
    return Fleet(seconds, calls.total, calls.waiting, calls.waited, sampled[0])


def _tealgates(shop: "Shop", names: Sequence[str]) -> Started:
    deployments = [shop.deploy(VERSIONS[0], "ROLLING", name) for name in names]

    def finish() -> None:
        for deployment in deployments:
            shop.finish(deployment)

    return Started([shop.stack.pid(name) for name in ("web", "worker")], finish)


def _ecs_deploys(shop: "Shop", names: Sequence[str]) -> Started:
    image = peers.image(shop.stack, VERSIONS[1])
    processes = [peers.ecs_deploy(shop.stack, name, image) for name in names]

    def finish() -> None:
        for process in processes:
            peers.finish(process)

    return Started([process.pid for process in processes], finish)


def _fleet_row(name: str, fleet: Fleet, ours: Fleet) -> list[Cell]:
    rates = [60 * each.waiting / each.waited for each in (fleet, ours)]
    overall = [60 * each.calls / each.seconds for each in (fleet, ours)]
    return [
        name,
        fleet.seconds,
        fleet.calls,
        round(overall[0]),
        round(rates[0]),
        f"{overall[0] / overall[1]:.1f}, {rates[0] / rates[1]:.1f}",
        round(fleet.memory.resident),
        round(fleet.memory.shared_once),
        fleet.memory.processes,
    ]
