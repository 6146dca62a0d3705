"""The API: from a pipeline's first command to live beside other programs, reads at a rate, and many that wait.

Everything is on this machine, and bounded: the server, the clients that ask it, and AWS's stand-in share its
processors. Tokens are limited to 50 requests a second in each web process, so twenty of them ask.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from bench import api_memory, api_programs, api_reads, api_starts, api_waiting, peers
from bench.measuring import Result, Table
from bench.running import running

SCALE = 60
POLICY = {
    "canary_percent": 10,
    "canary_bake_seconds": 60,
    "bake_seconds": 60,
    "termination_wait_seconds": 60,
}
#: gunicorn's, as it is shipped.
WEB_WORKERS = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--per-second", type=int, default=200, help="reads")
    parser.add_argument("--seconds", type=int, default=20, help="for which they are read")
    parser.add_argument("--waiting", type=int, default=200, help="clients")
    parser.add_argument("--runs", type=int, default=20, help="requests whose start is measured, by page and by API")
    parser.add_argument("--programs", type=int, default=5, help="runs of each program; 0 to leave them out")
    arguments = parser.parse_args()
    if arguments.programs and not peers.are_installed():
        raise SystemExit(f"There is no {peers.VENV.name} with the other programs: make {peers.VENV.name}/.done")
    tables = [api_memory.measure()]
    # Django knows one database in a process's life, so each part has a process and a Tealgate of its own.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        tables += pool.submit(_load, arguments.per_second, arguments.seconds, arguments.waiting).result()
        tables.append(pool.submit(_starts, arguments.runs).result())
        if arguments.programs:
            tables.append(pool.submit(_programs, arguments.programs).result())
    Result.of(
        "The API",
        [*tables[1:], tables[0]],
        [
            f"gunicorn with WEB_WORKERS={WEB_WORKERS} and eight threads each, as it is shipped, on SQLite. A "
            "read's time counts from when it was due, also where an earlier one is late.",
            "Those who wait, with four tokens, are told of a change of the row, one every 50 ms, or of an approval, "
            "which all wait for: from its commit in another process until the answer was read.",
            "Begun is the row's start, seen from another process every 2 ms; the page is the form of the plan, sent as "
            "a browser sends it.",
            f"Programs: the sandbox at {api_programs.SCALE} times AWS's speed, one service that ECS deploys to by "
            "rolling. The client registers a release and deploys it; the others register a "
            "task definition, update the service and wait. × compares with the client.",
            "Memory is what importing takes, in a process of its own: of gunicorn's processes it is taken once, before "
            "they are forked.",
        ],
    ).publish("api")


def _load(per_second: int, seconds: int, waiting: int) -> list[Table]:
    with running(SCALE, POLICY, web_workers=WEB_WORKERS) as shop:
        deployment = shop.swap("BLUE_GREEN")
        shop.to_the_gate(deployment)
        reads = api_reads.at_a_rate(shop, deployment.pk, per_second, seconds)
        shop.stop(deployment)
        shop.until(deployment, lambda row: row.is_terminal)
        return [reads, api_waiting.measure(shop, waiting)]


def _starts(runs: int) -> Table:
    with running(SCALE, POLICY, web_workers=WEB_WORKERS) as shop:
        return api_starts.measure(shop, runs)


def _programs(runs: int) -> Table:
    with running(api_programs.SCALE, web_workers=WEB_WORKERS) as shop:
        return api_programs.measure(shop, runs)


if __name__ == "__main__":
    main()
