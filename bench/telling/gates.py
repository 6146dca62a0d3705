"""From a gate that opens to the message, and what it adds to a click: of every other run a channel hears."""

import time
from typing import TYPE_CHECKING

from bench.clicks import Person
from bench.measuring import Table, percentile
from bench.telling.receiver import Receiver
from deployments.vocabulary import Status

if TYPE_CHECKING:
    from bench.shop import Shop

WANTED = "< 1000"
#: A message that has not come by then will not be counted as late but as lost.
PATIENCE = 30.0
WAITS = "waits"


def measure(shop: "Shop", runs: int) -> list[Table]:
    from bench.shop import now
    from bench.telling import places
    from deployments.telling.notifications.kinds import Kind

    receiver = Receiver()
    receiver.up()
    channels = [
        places.channel("approvers", [receiver.address(WAITS)], now(), Kind.GATE_WAITS),
        places.channel("releases", [receiver.address("decided")], now(), Kind.GATE_DECIDED),
    ]
    told: list[float] = []
    clicks: dict[bool, list[float]] = {True: [], False: []}
    with Person(shop.stack.url, "approver") as approver:
        for number in range(2 * runs):
            is_on = number % 2 == 0
            places.turn(channels, on=is_on)
            seconds, click = _once(shop, approver, receiver if is_on else None)
            told += seconds
            clicks[is_on].append(click)
    receiver.down()
    return [
        Table(
            ("milliseconds from a gate that opens until", "runs", "lost", "p50", "p95", "max", "p95 wanted"),
            [["the message is at the receiver", runs, runs - len(told), *_ranked(told), WANTED]],
        ),
        Table(
            ("milliseconds from a click until the page answers", "clicks", "p50", "p95", "max"),
            [
                ["Reject, and a channel is told", len(clicks[True]), *_ranked(clicks[True])],
                ["Reject, and nobody is told", len(clicks[False]), *_ranked(clicks[False])],
            ],
        ),
    ]


def _once(shop: "Shop", approver: Person, receiver: Receiver | None) -> tuple[list[float], float]:
    """Seconds from the gate's own time to the message, if one came; and how long the click took."""
    before = len(receiver.of(WAITS)) if receiver else 0
    deployment = shop.swap("BLUE_GREEN")
    shop.to_the_gate(deployment)
    gate = deployment.gates.open().get()
    came: list[float] = []
    if receiver and receiver.wait_for(before + 1, PATIENCE, WAITS):
        came = [receiver.of(WAITS)[before].at - gate.opened_at.timestamp()]
    page = f"/deployments/deployment/{deployment.pk}"
    form = approver.ready(f"{page}/change/", f"{page}/gates/{gate.pk}/", {"verdict": "reject", "comment": "not today"})
    began = time.monotonic()
    approver.click(form)
    click = time.monotonic() - began
    shop.finish(deployment, Status.ROLLBACK_SUCCESSFUL)
    return came, click


def _ranked(seconds: list[float]) -> list[int]:
    return [round(1000 * percentile(seconds, share)) for share in (50, 95, 100)] if seconds else [0, 0, 0]
