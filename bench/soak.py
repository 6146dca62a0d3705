"""Minutes of bad luck: processes are killed, AWS fails and people click at random, while the shops are visited.

    python -m bench.soak --minutes 15 --seed 7

What must hold at every end of a deployment: production answers with the release that the board names. And over all:
no request is lost, every chain of events is intact, nothing stands still. The seed repeats the choices, not the
moments: how far each process got by then is the machine's.
"""

import argparse
import random
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from bench.measuring import Result, Table
from bench.running import running

if TYPE_CHECKING:
    from bench.shop import Shop
    from bench.soaking.mischief import Mischief
    from bench.soaking.places import Place

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
#: Time for what is under way at the end to come to rest without any more bad luck.
LAST_MINUTES = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with running(SCALE, POLICY, applications=APPLICATIONS) as shop:
        wrong = measure(shop, arguments.minutes, arguments.seed)
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    sys.exit(1 if wrong else 0)


def measure(shop: "Shop", minutes: float, seed: int) -> list[str]:
    """Everything that was not as it must be, in sentences."""
    from bench.soaking.mischief import Mischief
    from bench.soaking.places import places

    choose = random.Random(seed)  # noqa: S311 - repeatable on purpose
    with ExitStack() as stack:
        everywhere = places(shop, choose)
        for place in everywhere:
            stack.enter_context(place.traffic)
        mischief = Mischief(shop, choose)
        _turns(everywhere, mischief, time.monotonic() + 60 * minutes)
        mischief.end()
        _come_to_rest(everywhere)
    wrong = [sentence for place in everywhere for sentence in place.wrong]
    wrong += [f"{place.name} lost {place.traffic.lost} requests." for place in everywhere if place.traffic.lost]
    wrong += _chains(shop)
    _result(everywhere, mischief, wrong, minutes, seed).publish("soak")
    return wrong


def _turns(everywhere: "list[Place]", mischief: "Mischief", until: float) -> None:
    while time.monotonic() < until:
        for place in everywhere:
            place.look()
            place.click()
        mischief.perhaps()
        time.sleep(0.3)


def _come_to_rest(everywhere: "list[Place]") -> None:
    until = time.monotonic() + 60 * LAST_MINUTES
    while time.monotonic() < until and not all(place.rests for place in everywhere):
        for place in everywhere:
            place.look()
            place.let_through()
        time.sleep(0.3)
    for place in everywhere:
        place.must_rest()


def _chains(shop: "Shop") -> list[str]:
    try:
        shop.stack.manage("verify_events")
    except RuntimeError as error:
        return [str(error)]
    return []


def _result(everywhere: "list[Place]", mischief: "Mischief", wrong: list[str], minutes: float, seed: int) -> Result:
    ends = Table(
        ("environment", "controller", "deployments", "successful", "rolled back", "stopped", "failed", "requests",
         "lost", "wrong"),
        [place.row for place in everywhere],
    )  # fmt: skip
    luck = Table(("what happened", "times"), sorted(mischief.count.items()))
    return Result.of(
        f"{minutes:g} minutes of bad luck, seed {seed}",
        [ends, luck],
        [
            "At every end production must answer with the release that the board names; the last column counts where "
            "it did not. No request may be lost, and all chains of events must be intact.",
            f"{len(wrong)} wrong.",
        ],
    )


if __name__ == "__main__":
    main()
