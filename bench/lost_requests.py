"""Requests lost while releases are swapped and rolled back under steady traffic. The target is none."""

import argparse
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from bench.measuring import Result, Table
from bench.running import running
from deployments.vocabulary import Status
from tests.flows.traffic import Traffic

if TYPE_CHECKING:
    from bench.shop import Shop
    from deployments.delivery.models import Deployment

RATE = 50
SCALE = 60
POLICY = {
    "canary_percent": 10,
    "canary_bake_seconds": 3,
    "bake_seconds": 2,
    "termination_wait_seconds": 2,
    "min_requests": 5,
}
THROUGH = "swapped: shift, bake, clean-up"
AT_TEN = "rolled back at 10 %"
WARM = "rolled back at 100 %, source warm"
REJECTED = "rejected at the gate"
STRATEGIES = ("BLUE_GREEN", "CANARY")
#: How the swaps end, over and over; every second one, from the second on, is a canary.
ENDS = (THROUGH, AT_TEN, WARM, THROUGH, THROUGH, WARM, THROUGH, AT_TEN, THROUGH, REJECTED)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swaps", type=int, default=20)
    swaps: int = parser.parse_args().swaps
    with running(SCALE, POLICY) as shop:
        measure(shop, swaps).publish("lost_requests")


def measure(shop: "Shop", swaps: int) -> Result:
    count: Counter[tuple[str, str]] = Counter()
    sent: Counter[tuple[str, str]] = Counter()
    lost: Counter[tuple[str, str]] = Counter()
    with Traffic(shop.stack.listener(8080), rate=RATE) as traffic:
        began = time.monotonic()
        for number in range(swaps):
            end, strategy = ENDS[number % len(ENDS)], STRATEGIES[number % 2]
            before = traffic.sent, traffic.lost
            _WAYS[end](shop, shop.swap(strategy))
            count[end, strategy] += 1
            sent[end, strategy] += traffic.sent - before[0]
            lost[end, strategy] += traffic.lost - before[1]
        seconds = time.monotonic() - began
    kinds = sorted(count, key=lambda kind: (ENDS.index(kind[0]), kind[1]))
    return Result.of(
        "Requests lost while swapping",
        [
            Table(
                ("what happened", "strategy", "times", "requests sent", "lost"),
                [
                    *((*kind, count[kind], sent[kind], lost[kind]) for kind in kinds),
                    ("all", "", swaps, traffic.sent, traffic.lost),
                ],
            ),
            Table(
                ("answered by release", "requests"),
                [(version or "nobody", answers) for version, answers in sorted(traffic.versions.items())],
            ),
        ],
        [
            f"{traffic.sent} requests in {seconds:.0f} s, {traffic.sent / seconds:.0f} a second, on the production "
            "listener; lost = no answer, or 502, 503 or 504. Target: 0.",
            f"Answers by status: {_statuses(traffic)}.",
            f"The sandbox's clock ran {SCALE} times as fast as AWS's; one canary step of {POLICY['canary_percent']} % "
            f"for {POLICY['canary_bake_seconds']} s, bake {POLICY['bake_seconds']} s, source kept warm "
            f"{POLICY['termination_wait_seconds']} s.",
        ],
    )


def _through(shop: "Shop", deployment: "Deployment") -> None:
    shop.to_the_gate(deployment)
    shop.approve(deployment)
    shop.finish(deployment)


def _back_at_ten(shop: "Shop", deployment: "Deployment") -> None:
    shop.to_the_gate(deployment)
    shop.approve(deployment)
    shop.until(deployment, lambda d: d.percent == POLICY["canary_percent"])
    time.sleep(1)  # some requests reach the new release
    shop.roll_back(deployment)
    shop.finish(deployment, Status.ROLLBACK_SUCCESSFUL)


def _back_while_warm(shop: "Shop", deployment: "Deployment") -> None:
    shop.to_the_gate(deployment)
    shop.approve(deployment)
    shop.until(deployment, lambda d: d.is_warm)
    shop.roll_back(deployment)
    shop.finish(deployment, Status.ROLLBACK_SUCCESSFUL)


def _rejected(shop: "Shop", deployment: "Deployment") -> None:
    shop.to_the_gate(deployment)
    shop.reject(deployment)
    shop.finish(deployment, Status.ROLLBACK_SUCCESSFUL)


_WAYS: dict[str, Callable[["Shop", "Deployment"], None]] = {
    THROUGH: _through,
    AT_TEN: _back_at_ten,
    WARM: _back_while_warm,
    REJECTED: _rejected,
}


def _statuses(traffic: Traffic) -> str:
    answers = [f"{status}: {count}" for status, count in sorted(traffic.statuses.items())]
    return ", ".join([*answers, f"none: {len(traffic.failures)}"])


if __name__ == "__main__":
    main()
