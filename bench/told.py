"""What people are told: how soon, what it costs a click, what comes after a service was down, and what a kill leaves.

Everything is on this machine, and bounded: Tealgate's processes, AWS's stand-in, and whoever is told share its
processors.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from bench.measuring import Result, Table
from bench.running import running
from bench.telling import gates, killed, queued, workers

SCALE = 60
POLICY = {
    "canary_percent": 10,
    "canary_bake_seconds": 60,
    "bake_seconds": 60,
    "termination_wait_seconds": 60,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="gates that open, and as many of which nobody is told")
    parser.add_argument("--queued", type=int, default=1000, help="messages while the service is down")
    parser.add_argument("--kills", type=int, default=200, help="of whoever sends; 0 to leave them out")
    parser.add_argument("--workers", type=int, default=60, help="kills of whole workers; 0 to leave them out")
    parser.add_argument("--seed", type=int, default=1, help="of the moments of death")
    arguments = parser.parse_args()
    # Django knows one database in a process's life, so each part has a process and a Tealgate of its own.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        tables = pool.submit(_gates, arguments.runs).result()
        if arguments.kills:
            tables.append(pool.submit(_killed, arguments.kills, arguments.seed).result())
        if arguments.workers:
            tables.append(pool.submit(_workers, arguments.workers, arguments.seed).result())
        tables.append(pool.submit(_queued, arguments.queued).result())
    Result.of(
        "What people are told",
        tables,
        [
            "From the time that the gate's own row bears, which is before it is committed, until an HTTP receiver on "
            "loopback has the message.",
            "A click is the form of the page sent to gunicorn; every other one has nobody to tell, so that what "
            "differs but for noise is what telling adds.",
            "Queued: one message an address, each refused at least once before the service is up again. Pauses between "
            "attempts grow, so how long the last one takes is how long its pause was.",
            f"Killed: the process that sends, at a random moment up to {killed.LIFE:g} s after the first message of "
            f"its life came, of {killed.MESSAGES}, while answers take up to {killed.SLOW:g} s. Nobody can know whether "
            "a message arrived whose sender died before the answer: it is sent again, and marked.",
            f"Whole workers: all processes of one at once, up to {workers.LIFE:g} s after the first message of its "
            f"life came, of {workers.EVENTS} events to {workers.ADDRESSES} addresses each; so events are handed on, "
            "messages written and sent while it dies.",
        ],
    ).publish("told")


def _gates(runs: int) -> list[Table]:
    with running(SCALE, POLICY) as shop:
        return gates.measure(shop, runs)


def _queued(count: int) -> Table:
    with running(SCALE, POLICY) as shop:
        return queued.measure(shop, count)


def _killed(kills: int, seed: int) -> Table:
    with running(SCALE, POLICY, forked=True) as shop:
        return killed.measure(shop, kills, seed)


def _workers(kills: int, seed: int) -> Table:
    with running(SCALE, POLICY, forked=True) as shop:
        return workers.measure(shop, kills, seed)


if __name__ == "__main__":
    main()
