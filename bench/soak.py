"""Minutes of bad luck: processes are killed, AWS fails and people click at random, while the shops are visited.

    python -m bench.soak --minutes 15 --seed 7

What must hold at every end of a deployment: production answers with the release that the board names. And over all:
no request is lost, every chain of events is intact, nothing stands still.

    python -m bench.soak --minutes 5 --seed 7 --neighbour

With a neighbour who deploys, scales, stops tasks and moves tags from outside: the board names what the running tasks'
digests are within one look, and a deployment that he disturbed may fail in a sentence that names him. What is lost by
his doing is his. The seed repeats the choices, not the moments: how far each process got by then is the machine's.

    python -m bench.soak --minutes 15 --seed 7 --sick

Production gets sick or is emptied while nobody deploys, and people ask for what fits: a repair, a first release. What
is lost until a release that works is there is the illness's; one that was asked for as a repair may fail, and stays.

Without it, the catalog is moved from CodeDeploy to ECS a step at a time, and now and then turned back half way.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from bench.measuring import Result, Table
from bench.running import running

if TYPE_CHECKING:
    from bench.shop import Shop
    from bench.soaking.mischief import Mischief
    from bench.soaking.mover import Mover
    from bench.soaking.neighbour import Neighbour
    from bench.soaking.places import Place
    from bench.soaking.sickness import Sickness

SCALE = 30
POLICY = {
    "canary_percent": 10,
    "canary_bake_seconds": 3,
    "bake_seconds": 2,
    "termination_wait_seconds": 4,
    "min_requests": 5,
    "scale_up_timeout_seconds": 60,
}
APPLICATIONS = ("storefront", "legacy-api", "payments", "catalog")
#: Which the demo makes no environment of.
BESIDE = ("landing",)
#: Time for what is under way at the end to come to rest without any more bad luck.
LAST_MINUTES = 4
#: Between two looks at an environment that nobody deploys to.
IDLE_LOOK_SECONDS = 5
#: The chance that somebody asks for a deployment at one turn, so that environments are idle for a while, too.
ASKS_BESIDE = 0.02


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--neighbour", action="store_true", help="somebody else deploys beside Tealgate")
    parser.add_argument("--sick", action="store_true", help="production gets sick, or is emptied")
    arguments = parser.parse_args()
    os.environ["IDLE_LOOK_SECONDS"] = str(IDLE_LOOK_SECONDS)
    with running(SCALE, POLICY, applications=APPLICATIONS, beside=BESIDE) as shop:
        wrong = measure(shop, arguments.minutes, arguments.seed, neighbour=arguments.neighbour, sick=arguments.sick)
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    sys.exit(1 if wrong else 0)


def measure(shop: "Shop", minutes: float, seed: int, *, neighbour: bool, sick: bool) -> list[str]:
    """Everything that was not as it must be, in sentences."""
    from bench.soaking import landing
    from bench.soaking.mischief import Mischief
    from bench.soaking.mover import Mover
    from bench.soaking.neighbour import Neighbour
    from bench.soaking.places import GOOD, HARMLESS, places
    from bench.soaking.sickness import Sickness

    landing.seeded(shop, HARMLESS)
    choose = random.Random(seed)  # noqa: S311 - repeatable on purpose
    with ExitStack() as stack:
        everywhere = places(shop, choose)
        for place in everywhere:
            stack.enter_context(place.traffic)
        mischief = Mischief(shop, choose)
        movers = [] if sick else [Mover(shop, everywhere, choose)]  # what moves cannot be repaired by a release
        beside: list[Neighbour | Sickness] = [Neighbour(shop, everywhere, choose)] if neighbour else []
        beside += [Sickness(shop, everywhere, choose)] if sick else []
        for place in everywhere:
            place.asks = ASKS_BESIDE if beside else 1.0
            place.looks_first = sick
            place.turns_back = 0.3 if sick else 1.0
            place.killed = mischief.killed
        _turns(everywhere, mischief, movers, beside, time.monotonic() + 60 * minutes)
        mischief.end()
        for place in everywhere:
            place.releases = GOOD
        _come_to_rest(everywhere, movers, beside)
        for one in (*movers, *beside):
            mischief.count |= one.count
        for place in everywhere if sick else ():
            mischief.count += place.kinds
    wrong = [sentence for place in everywhere for sentence in place.wrong]
    wrong += [f"{place.name} lost {place.lost} requests." for place in everywhere if place.lost]
    wrong += [f"{place.name} is still sick." for place in everywhere if place.is_sick]
    wrong += [f"The move stands: {mover.said}" for mover in movers if not mover.rests]
    wrong += chains(shop)
    how = " beside a neighbour" * neighbour + " with a sick production" * sick
    named = f"{minutes:g} minutes of bad luck{how}, seed {seed}"
    _result(named, everywhere, mischief, wrong).publish("soak" + "_beside" * neighbour + "_sick" * sick)
    return wrong


def _turns(
    everywhere: "list[Place]",
    mischief: "Mischief",
    movers: "Sequence[Mover]",
    beside: "Sequence[Neighbour | Sickness]",
    until: float,
) -> None:
    while time.monotonic() < until:
        for place in everywhere:
            place.look()
            place.click()
        mischief.perhaps()
        for mover in movers:
            mover.perhaps()
        for one in beside:
            one.perhaps()
            one.tend()
        time.sleep(0.3)


def _come_to_rest(
    everywhere: "list[Place]", movers: "Sequence[Mover]", beside: "Sequence[Neighbour | Sickness]"
) -> None:
    until = time.monotonic() + 60 * LAST_MINUTES
    while time.monotonic() < until and not (all(mover.rests for mover in movers) and _rest(everywhere, beside)):
        for place in everywhere:
            place.look()
            place.let_through()
            place.mend()
        for mover in movers:
            mover.tend()
        for one in beside:
            one.tend()
        time.sleep(0.3)
    for place in everywhere:
        place.must_rest()


def _rest(everywhere: "list[Place]", beside: "Sequence[Neighbour | Sickness]") -> bool:
    """With somebody beside, also long enough for the board to know of all that he did."""
    at_rest = all(place.rests for place in everywhere) and all(one.rests for one in beside)
    return at_rest and (not beside or all(place.board.is_sure for place in everywhere))


def chains(shop: "Shop") -> list[str]:
    try:
        shop.stack.manage("verify_events")
    except RuntimeError as error:
        return [str(error)]
    return []


def _result(named: str, everywhere: "list[Place]", mischief: "Mischief", wrong: list[str]) -> Result:
    ends = Table(
        ("environment", "controller", "deployments", "successful", "rolled back", "stopped", "failed", "requests",
         "lost", "lost to the neighbour", "boards compared", "wrong"),
        [place.row for place in everywhere],
    )  # fmt: skip
    luck = Table(("what happened", "times"), sorted(mischief.count.items()))
    return Result.of(
        named,
        [ends, luck],
        [
            "At every end production must answer with the release that the board names; the last column counts where "
            "it did not. No request may be lost, and all chains of events must be intact.",
            f"{len(wrong)} wrong.",
        ],
    )


if __name__ == "__main__":
    main()
