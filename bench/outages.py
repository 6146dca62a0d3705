"""Minutes in which what Tealgate leans on goes away and comes back, while it deploys, and the shops are visited.

    python -m bench.outages --minutes 15 --seed 1

On PostgreSQL and Redis, with web and worker started as the Procfile does and started again when they end. The database
is gone, hangs, drops its connections, gets another password; Redis is away; the endpoint that gives out credentials
answers 500; the clock of web and worker is set 90 s forward and back, where there is a C compiler; processes are
killed, and the worker is asked to end in the middle of each. All releases are good and people click.

What must hold: no request of the shops is lost, no deployment turns back that nobody asked to, none stands still, every
time in which nobody looked at a deployment for longer than a look may be late is in its log, no page answers 500, web
is not called dead, the worker ends within its grace, all chains of events are intact. The seed repeats the order.
"""

import argparse
import logging
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measuring import Cell, Result, Table
from bench.running import running
from bench.soak import APPLICATIONS, SCALE, chains
from bench.soaking.surroundings import Surroundings, surroundings
from deployments import clock
from tests.postgresql import programs

if TYPE_CHECKING:
    from bench.shop import Shop
    from bench.soaking.found import Found
    from bench.soaking.household import Household
    from bench.soaking.outages import Outages
    from bench.soaking.places import Place
    from bench.soaking.visitors import Visitors

#: Long enough for outages to find each stage.
POLICY = {
    "canary_percent": 10,
    "canary_bake_seconds": 8,
    "bake_seconds": 8,
    "termination_wait_seconds": 8,
    "min_requests": 5,
    "scale_up_timeout_seconds": 60,
}
#: Seldom, so that most deployments live to see an outage or two.
TURNS_BACK = 0.2
#: What nobody watched of CodeDeploy's bake is watched once it has ended it: that takes five minutes, again and again.
MOST_SECONDS, LAST_MINUTES = 1200, 8
PASSWORD = "the-first-password"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--logs", type=Path, help="a folder that gets the logs of web and worker")
    arguments = parser.parse_args()
    if not programs():
        parser.error("This needs PostgreSQL's programs and redis-server: apt install postgresql redis-server.")
    with (
        tempfile.TemporaryDirectory(prefix="tealgate-outages-") as home,
        surroundings(Path(home), PASSWORD) as around,
        running(
            SCALE, POLICY, applications=APPLICATIONS, database=around.database, queue=around.redis.url, web_workers=2,
            log_level="INFO", more=around.variables,
        ) as shop,
    ):  # fmt: skip
        os.environ.pop("LD_PRELOAD", None)  # the clock of what is started from here is the machine's
        try:
            wrong = measure(shop, around, arguments.minutes, arguments.seed)
        finally:
            if arguments.logs:
                shutil.copytree(shop.stack.home, arguments.logs, ignore=shutil.ignore_patterns("[!w]*"))
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    sys.exit(1 if wrong else 0)


def measure(shop: "Shop", around: Surroundings, minutes: float, seed: int) -> list[str]:
    """Everything that was not as it must be, in sentences."""
    from bench.soaking.found import Found
    from bench.soaking.household import Household
    from bench.soaking.outages import Outages
    from bench.soaking.places import GOOD, places
    from bench.soaking.visitors import Visitors
    from bench.soaking.watching import Watching

    logging.disable()  # of this process: each click that meets an outage would be a line
    choose = random.Random(seed)  # noqa: S311 - repeatable on purpose
    household, visitors = Household(shop.stack), Visitors(shop.stack)
    watching = Watching(shop.stack.home / "worker.log")
    outages = Outages(around, household, visitors, watching, random.Random(seed))  # noqa: S311
    everywhere = places(shop, choose, clock.now)
    with ExitStack() as stack:
        for place in everywhere:
            place.releases, place.turns_back, place.most_seconds = GOOD, TURNS_BACK, MOST_SECONDS
            stack.enter_context(place.traffic)
        stack.enter_context(visitors)
        stack.enter_context(watching)
        with outages:
            _turns(everywhere, outages, time.monotonic() + 60 * minutes)
        if outages.trouble:
            raise outages.trouble
        _come_to_rest(everywhere, household)
    found = Found(watching)
    wrong = [sentence for place in everywhere for sentence in place.wrong]
    wrong += [f"{place.name} lost {place.lost} requests." for place in everywhere if place.lost]
    wrong += [*found.wrong, *household.wrong, *visitors.wrong, *chains(shop)]
    _result(everywhere, outages, household, visitors, found, wrong, minutes, seed).publish("outages")
    return wrong


def _turns(everywhere: "list[Place]", outages: "Outages", until: float) -> None:
    while time.monotonic() < until and not outages.trouble:
        _turn(everywhere, lambda place: place.click())


def _come_to_rest(everywhere: "list[Place]", household: "Household") -> None:
    until = time.monotonic() + 60 * LAST_MINUTES
    while time.monotonic() < until and not all(place.rests for place in everywhere):
        household.tend(0)
        _turn(everywhere, lambda place: place.let_through())
    for place in everywhere:
        place.must_rest()


def _turn(everywhere: "list[Place]", click: "Callable[[Place], None]") -> None:
    """People whose click met an outage come back with the next one."""
    from deployments.ops.outages import survived

    for place in everywhere:
        for act in (type(place).look, click):
            with survived("a click"):
                act(place)
    time.sleep(0.3)


def _result(
    everywhere: "list[Place]", outages: "Outages", household: "Household", visitors: "Visitors", found: "Found",
    wrong: list[str], minutes: float, seed: int,
) -> Result:  # fmt: skip
    ends = Table(
        ("environment", "controller", "deployments", "successful", "turned back by people", "unasked", "requests",
         "lost"),
        [_ends(place, found) for place in everywhere],
    )  # fmt: skip
    happened = Table(
        ("what happened", "times", "with SIGTERM to the worker", "looked again after, worst of all (s)"),
        [(kind, told.times, told.with_sigterm, max(told.looked_after)) for kind, told in sorted(outages.told.items())],
    )
    longest = max((gap.seconds for gap in found.gaps), default=0)
    return Result.of(
        f"{minutes:g} minutes of outages, seed {seed}",
        [ends, happened],
        [
            f"{len(found.gaps)} times nobody looked at a deployment for longer than a look may be late, {longest:.0f} "
            f"s at most; {len(found.unwritten)} of them are not in its log.",
            f"Asked to end, the worker took {max(household.endings, default=0):.1f} s at most, of "
            f"{len(household.endings)} times. {_started(household)}.",
            f"Pages meanwhile: {_counted(visitors.pages)}; health checks: {_counted(visitors.health)}.",
            "All releases were good. No request may be lost, no deployment may turn back unasked or stand still, and "
            f"all chains of events must be intact: {len(wrong)} wrong.",
            "Two web processes and a worker of four, on PostgreSQL and Redis of the same machine.",
        ],
    )


def _ends(place: "Place", found: "Found") -> Sequence[Cell]:
    name, controller, all_of_them, successful = place.row[:4]
    unasked = sum(str(each.environment) == place.name for each in found.turned_back)
    assert isinstance(all_of_them, int) and isinstance(successful, int)
    by_people = all_of_them - successful - unasked
    return name, controller, all_of_them, successful, by_people, unasked, place.traffic.sent, place.lost


def _started(household: "Household") -> str:
    return ", ".join(f"{what}: {times}" for what, times in sorted(household.count.items()))


def _counted(answers: Mapping[str, int]) -> str:
    return ", ".join(f"{answer}: {times}" for answer, times in sorted(answers.items()))


if __name__ == "__main__":
    main()
