"""Rolling releases side by side: Tealgate, the ecs-deploy package, and the AWS CLI with `wait services-stable`.

First one service, again and again, whose targets are checked every second; then at AWS's own speed, where what a
program waits for takes as long as it does, with short draining and with AWS's default: there every run has a
sandbox of its own, so that they wait at the same time. Then many services at once: Tealgate's one worker against as
many processes of ecs-deploy as there are services.
"""

import argparse
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context

from bench import many_services, one_service, peers
from bench.measuring import Result, Table
from bench.peers import AWS_CLI, ECS_DEPLOY, TEALGATE
from bench.running import running

#: The sandbox checks targets every 10 s of AWS, so every second. Draining of 1 s of AWS is over at once.
QUICK, QUICK_DRAIN = 10, 1
#: In seconds; the last is AWS's default.
DRAINS = (60, 300)
#: In seconds, from one sandbox's start to the next one's: none is slowed down by another's imports.
APART = 6
EVERY_PROGRAM = (TEALGATE, ECS_DEPLOY, AWS_CLI)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="of each program on one service")
    parser.add_argument("--slow-runs", type=int, default=3, help="of each program on one service at AWS's own speed")
    parser.add_argument("--services", type=int, default=20, help="how many are deployed to at once")
    arguments = parser.parse_args()
    if not peers.are_installed():
        raise SystemExit(f"There is no {peers.VENV.name} with the other programs: make {peers.VENV.name}/.done")
    with ProcessPoolExecutor(
        len(EVERY_PROGRAM) * len(DRAINS), mp_context=get_context("spawn"), max_tasks_per_child=1
    ) as pool:
        quick = pool.submit(_one_service, QUICK, EVERY_PROGRAM, QUICK_DRAIN, arguments.runs).result()
        apart = [
            (drain, pool.submit(_one_service, 1, (name,), drain, arguments.slow_runs, number * APART))
            for number, (drain, name) in enumerate(product(DRAINS, EVERY_PROGRAM))
        ]
        slow: dict[int, dict[str, Sequence[one_service.Run]]] = {drain: {} for drain in DRAINS}
        for drain, program in apart:
            slow[drain].update(program.result())
        together = pool.submit(_many_services, arguments.services).result()
    tables = [one_service.table(quick, f"{QUICK} times AWS's speed")]
    tables += [one_service.table(found, f"AWS's own speed, {drain} s of draining") for drain, found in slow.items()]
    Result.of(
        "Rolling releases beside ecs-deploy and the AWS CLI",
        [*tables, together],
        [
            "Same service and images, again and again; the programs one after the other, and at AWS's own speed all at "
            "the same time, each on a sandbox of its own. Start is the request or the "
            "start of a process, reported is the row's SUCCESSFUL or the end of the process; healthy is when ECS began "
            "to drain the old task, done when it called its deployment completed.",
            "× compares the three times, and the two rates, with Tealgate's.",
            "The other programs check nothing. Tealgate's preflight asks ECS, ELB, IAM and others; what they said is "
            "trusted for a quarter of an hour where neither the environment nor the service and its task definition "
            "changed. The first time is when there was nothing to trust.",
            f"At {QUICK} times AWS's speed health checks took a second each and draining a tenth of one; the programs' "
            f"own pauses are real. {DRAINS[-1]} s is what AWS lets targets drain unless it is told otherwise.",
            "services-stable looks every 15 s: few calls where draining is short, and up to 15 s until it reports.",
            "Many services: AWS's own speed, all started at once; waiting is from the last UpdateService on. Memory is "
            "taken then: Tealgate's web process and its worker with all they started, and every process of ecs-deploy.",
        ],
    ).publish("against_peers")


# Django knows one database in a process's life, so each part has a process and a Tealgate of its own.


def _one_service(scale: float, programs: Sequence[str], drain: int, runs: int, after: float = 0) -> one_service.Found:
    time.sleep(after)
    with running(scale) as shop:
        return one_service.measure(shop, programs, drain, runs)


def _many_services(count: int) -> Table:
    with running(1) as shop:
        return many_services.measure(shop, count)


if __name__ == "__main__":
    main()
