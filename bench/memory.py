"""How much memory processes take, with all that they started: Linux only.

`python -m bench.memory` draws it as a line: web and worker after so many deployments in all four controllers.
"""

import argparse
import random
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measuring import Cell, Result, Table
from bench.running import EVENTS_QUEUE, running

if TYPE_CHECKING:
    from bench.clicks import Person
    from bench.shop import Shop
    from bench.soaking.places import Place

SCALE = 60
POLICY = {
    "canary_percent": 10,
    "canary_bake_seconds": 1,
    "bake_seconds": 1,
    "termination_wait_seconds": 1,
    "min_requests": 5,
    "scale_up_timeout_seconds": 60,
}
APPLICATIONS = ("storefront", "legacy-api", "payments", "catalog")
#: The default of the setting.
QUEUE_WORKERS = 3
#: Deployments that have ended.
AFTER = (0, 10, 25, 50, 100)
#: MiB of the worker, all its processes, after all of them.
WANTED = 250
#: After a deployment, for the next looks to be made.
SETTLED_SECONDS = 3
STALLED_SECONDS = 300


@dataclass(frozen=True)
class Memory:
    """In MiB. `shared_once` counts a page that n processes share 1/n times for each (PSS); `resident` is RSS; `own` are
    the pages that no other process has.
    """

    resident: float = 0.0
    shared_once: float = 0.0
    own: float = 0.0
    processes: int = 0


def of(roots: Iterable[int]) -> Memory:
    found = Memory()
    for pid in with_children(set(roots)):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:  # it has just ended
            continue
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}
        own = sizes["Private_Clean"] + sizes["Private_Dirty"]
        found = Memory(
            found.resident + sizes["Rss"] / 1024,
            found.shared_once + sizes["Pss"] / 1024,
            found.own + own / 1024,
            found.processes + 1,
        )
    return found


def with_children(pids: set[int]) -> set[int]:
    parents = dict(_parents())
    found, new = set(pids), set(pids)
    while new:
        new = {pid for pid, parent in parents.items() if parent in new} - found
        found |= new
    return found


def _parents() -> Iterable[tuple[int, int]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name is in brackets and may hold anything; after it come the state and the parent.
            yield int(path.parent.name), int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--after", type=int, nargs="+", default=AFTER, help="so many deployments")
    parser.add_argument("--queue-workers", type=int, default=QUEUE_WORKERS)
    arguments = parser.parse_args()
    with running(SCALE, POLICY, EVENTS_QUEUE, APPLICATIONS, queue_workers=arguments.queue_workers) as shop:
        measure(shop, sorted(arguments.after)).publish("memory")


def measure(shop: "Shop", after: Sequence[int]) -> Result:
    from bench.clicks import Person
    from bench.soaking.places import places

    rows: list[list[Cell]] = []
    with ExitStack() as stack:
        everywhere = places(shop, random.Random(1))  # noqa: S311 - repeatable on purpose
        for place in everywhere:
            stack.enter_context(place.traffic)
        reader = stack.enter_context(Person(shop.stack.url, "manager"))
        for count in after:
            _until(count, everywhere, reader)
            time.sleep(SETTLED_SECONDS)
            rows.append(_row(shop, count))
            print(*rows[-1], flush=True)
    return Result.of(
        "Memory over time",
        [
            Table(
                ("deployments", "worker, MiB", "processes", "each of its own, MiB", "web, MiB", "processes",
                 "each of its own, MiB"),
                rows,
            )
        ],
        [
            "After so many deployments have ended, in five environments at once, in all four controllers (SERVICE_PAIR "
            "twice). MiB are PSS: a page that n processes share counts 1/n times for each, so this is what ending them "
            f"would give back. Wanted: a worker of at most {WANTED} MiB after {after[-1]}.",
            "The worker is its parent, sentinel, courier, listener of AWS's events and "
            f"QUEUE_WORKERS={shop.stack.queue_workers}; web is gunicorn with WEB_WORKERS=1. After each deployment "
            "somebody opens the board, its page, the environment's check and the plan of another one.",
        ],
    )  # fmt: skip


def _until(count: int, everywhere: "Sequence[Place]", reader: "Person") -> None:
    """All deploy for ever, so some are under way when the last one has ended."""
    seen = _ended(everywhere)
    deadline = time.monotonic() + STALLED_SECONDS
    while seen < count:
        for place in everywhere:
            if place.rests:
                place.click()
            else:
                place.let_through()
            place.look()
            if (now_ended := _ended(everywhere)) > seen:
                _read(place, reader)
                seen, deadline = now_ended, time.monotonic() + STALLED_SECONDS
        if time.monotonic() > deadline:
            raise TimeoutError(f"no deployment ended within {STALLED_SECONDS} s")
        time.sleep(0.3)


def _ended(everywhere: "Sequence[Place]") -> int:
    return sum(place.ended for place in everywhere)


def _read(place: "Place", reader: "Person") -> None:
    environment = place.environment
    deployment = environment.deployments.order_by("pk").last()
    release = environment.application.releases.order_by("pk").last()
    assert deployment is not None and release is not None
    plan = f"release={release.pk}&environment={environment.pk}&strategy={environment.strategy}"
    for page in (
        "/",
        f"/deployments/deployment/{deployment.pk}/change/",
        f"/deployments/environment/{environment.pk}/check/",
        f"/deployments/deployment/preview/?{plan}",
    ):
        reader.open(page)


def _row(shop: "Shop", count: int) -> list[Cell]:
    row: list[Cell] = [count]
    for name in ("worker", "web"):
        used = of([shop.stack.pid(name)])
        row += [round(used.shared_once), used.processes, round(used.own / used.processes)]
    return row


if __name__ == "__main__":
    main()
