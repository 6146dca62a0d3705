"""How many AWS calls a deployment makes, by operation, and what waiting at a gate adds to them.

Counted by the sandbox, every attempt once. What is made whether or not anything is deployed is left out:
AssumeRole, once an hour by each process, and the reading of the queue of AWS's events, which has a table of its own.
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.measuring import Cell, Result, Table
from bench.running import EVENTS_QUEUE, running
from deployments.vocabulary import Stage

if TYPE_CHECKING:
    from bench.shop import Shop

SCALE = 60
POLICY = {
    "canary_percent": 10,
    "canary_bake_seconds": 5,
    "bake_seconds": 5,
    "termination_wait_seconds": 3,
    "min_requests": 5,
}
#: The same one every time, so that there is nothing else to tell two columns apart.
VERSION = "1.1.0"


@dataclass(frozen=True)
class Kind:
    name: str
    strategy: str
    gate: Stage = Stage.POST_TEST_TRAFFIC_SHIFT
    percent: int | None = None
    #: without one AWS has nothing to tell of
    has_alarm: bool = True


KINDS = (
    Kind("BLUE_GREEN, default gate", "BLUE_GREEN"),
    Kind("CANARY, default gate", "CANARY"),
    Kind("CANARY, gate at 10 %", "CANARY", Stage.PRODUCTION_TRAFFIC_SHIFT, 10),
    Kind("CANARY, gate at 10 %, no alarm", "CANARY", Stage.PRODUCTION_TRAFFIC_SHIFT, 10, has_alarm=False),
)


@dataclass(frozen=True)
class Counted:
    calls: Counter[str]
    waiting: Counter[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wait", type=float, default=60, metavar="SECONDS", help="how long nobody approves")
    parser.add_argument("--environments", type=int, default=5, help="how many are deployed to at once")
    arguments = parser.parse_args()
    with running(SCALE, POLICY, EVENTS_QUEUE) as shop:
        _deploy(shop, KINDS[0], 0)  # so that the worker's processes have signed in
        idle = measure_idle(shop, arguments.wait)
        gates = measure_gates(shop, arguments.wait, KINDS)
        together = measure_together(shop, arguments.environments)
    Result.of(
        "AWS calls of one deployment",
        [*gates, together, idle],
        [
            "Counted by the sandbox, each attempt once, without AssumeRole (once an hour and process) and the reading "
            "of the events queue. Preflight and one task that migrates the database are in it.",
            "At the default gate, before production, services and rules are compared with the plan every half minute. "
            "At a gate at a ladder step the release has production traffic, and AWS tells of alarms and stopped tasks. "
            "Where it cannot, as without an alarm on 5xx, alarms, health and errors are asked for as during the bake, "
            "and people read why.",
            "Other differences come from how often a start, a one-off task or a drain was looked at until it was done.",
            "Deployments to one account and cluster that are looked at in the same pass share DescribeServices; every "
            "other read is made for each.",
            f"Each bake took {POLICY['bake_seconds']} s; looks at AWS back off from 1 s to 15 s.",
        ],
    ).publish("aws_calls")


def measure_gates(shop: "Shop", wait: float, kinds: Sequence[Kind]) -> tuple[Table, Table]:
    """One deployment after the other on production, approved at once and after a while: all calls, and by operation."""
    alarms, pairs = shop.environment().alarms, []
    for kind in kinds:
        place = shop.environment()
        place.gate_policies.update(stage=kind.gate, percent=kind.percent)
        shop.change(place, alarms=alarms if kind.has_alarm else "")
        pairs.append((_deploy(shop, kind, 0), _deploy(shop, kind, wait)))
    headers = ["operation"]
    for kind in kinds:
        headers += [kind.name, f"… after {wait:g} s"]
    columns = [each.calls for pair in pairs for each in pair]
    return _at_the_gates(wait, kinds, pairs), Table(headers, _by_operation(columns))


def measure_idle(shop: "Shop", wait: float) -> Table:
    """What reading the queue costs, for all environments of an installation."""
    before = shop.queue_calls()
    time.sleep(wait)
    made = shop.queue_calls() - before
    return Table(("events queue", f"in {wait:g} s without a deployment"), [list(row) for row in sorted(made.items())])


def measure_together(shop: "Shop", environments: int) -> Table:
    """First alone, then as many at once, each the first one on an environment of its own without a gate."""
    first, *others = shop.add_environments(environments + 1)
    shop.forget_calls()
    shop.finish(shop.deploy(VERSION, "CANARY", first))
    alone = shop.calls()
    shop.forget_calls()
    for deployment in [shop.deploy(VERSION, "CANARY", name) for name in others]:
        shop.finish(deployment)
    together = shop.calls()
    headers = ("operation (CANARY, no gate)", "alone", f"{environments} at once", "for each of them")
    rows = _by_operation([alone, together])
    return Table(headers, [[*row, int(row[2]) / environments] for row in rows])


def _deploy(shop: "Shop", kind: Kind, wait: float) -> Counted:
    shop.forget_calls()
    deployment = shop.deploy(VERSION, kind.strategy)
    shop.to_the_gate(deployment)
    waiting = _waited(shop, wait)
    shop.approve(deployment)
    shop.finish(deployment)
    return Counted(shop.calls(), waiting)


def _waited(shop: "Shop", seconds: float) -> Counter[str]:
    before = shop.calls()
    time.sleep(seconds)
    return shop.calls() - before


def _by_operation(columns: Sequence[Counter[str]]) -> list[list[Cell]]:
    operations = sorted(set[str]().union(*columns))
    rows: list[list[Cell]] = [[name, *(column[name] for column in columns)] for name in operations]
    return [*rows, ["all", *(column.total() for column in columns)]]


def _at_the_gates(wait: float, kinds: Sequence[Kind], pairs: Sequence[tuple[Counted, Counted]]) -> Table:
    headers = ("deployment", "approved at once", f"after {wait:g} s", "difference", "calls while it waited")
    rows = []
    for kind, (at_once, later) in zip(kinds, pairs, strict=True):
        calls = at_once.calls.total(), later.calls.total()
        rows.append((kind.name, *calls, calls[1] - calls[0], later.waiting.total()))
    return Table(headers, rows)


if __name__ == "__main__":
    main()
