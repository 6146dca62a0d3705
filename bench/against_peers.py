"""Rolling releases side by side: Tealgate, the ecs-deploy package, and the AWS CLI with `wait services-stable`.

First one service, again and again, whose targets are checked every second; then one at AWS's own speed, where what a
program waits for takes as long as it does. Then many services at once: Tealgate's one worker against as many processes
of ecs-deploy as there are services.
"""

import argparse
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING

from bench import many_services, one_service, peers
from bench.measuring import Result, Table
from bench.running import running

if TYPE_CHECKING:
    from bench.shop import Shop

#: The sandbox checks targets every 10 s of AWS and lets them drain for as long: a second each.
QUICK, QUICK_DRAIN = 10, 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="of each program on one service")
    parser.add_argument("--slow-runs", type=int, default=2, help="of each program on one service at AWS's own speed")
    parser.add_argument("--services", type=int, default=20, help="how many are deployed to at once")
    arguments = parser.parse_args()
    if not peers.are_installed():
        raise SystemExit(f"There is no {peers.VENV.name} with the other programs: make {peers.VENV.name}/.done")
    quick = partial(one_service.measure, speed=f"{QUICK} times AWS's speed", drain=QUICK_DRAIN)
    real = partial(one_service.measure, speed="AWS's own speed", drain=many_services.DRAIN)
    alone = _in_a_process_of_its_own(quick, QUICK, arguments.runs)
    at_its_pace = _in_a_process_of_its_own(real, 1, arguments.slow_runs)
    together = _in_a_process_of_its_own(many_services.measure, 1, arguments.services)
    Result.of(
        "Rolling releases beside ecs-deploy and the AWS CLI",
        [alone, at_its_pace, together],
        [
            "Same service, images and sandbox, one program after the other, over and over. Start is the request or the "
            "start of a process, reported is the row's SUCCESSFUL or the end of the process; healthy is when ECS began "
            "to drain the old task, done when it called its deployment completed.",
            "× compares the three times, and the two rates, with Tealgate's. What Tealgate asks of "
            "other services than ECS is its preflight; the other programs check nothing.",
            f"At {QUICK} times AWS's speed health checks and draining took a second each; the programs' own pauses are "
            f"real. At AWS's own speed targets drained for {many_services.DRAIN} s.",
            "Many services: AWS's own speed, all started at once; waiting is from the last UpdateService on. Memory is "
            "taken then: Tealgate's web process and its worker with all they started, and every process of ecs-deploy.",
        ],
    ).publish("against_peers")


def _in_a_process_of_its_own(measure: Callable[["Shop", int], Table], scale: float, count: int) -> Table:
    """Django knows one database in a process's life, and each part has a Tealgate of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measure, measure, scale, count).result()


def _measure(measure: Callable[["Shop", int], Table], scale: float, count: int) -> Table:
    with running(scale) as shop:
        return measure(shop, count)


if __name__ == "__main__":
    main()
