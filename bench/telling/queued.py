"""Many messages that wait for a service which is down: what comes once it is up, and how soon."""

import time
from typing import TYPE_CHECKING

from bench.measuring import Table
from bench.telling.receiver import Receiver
from deployments.vocabulary import Status
from tests.stack import wait_for

if TYPE_CHECKING:
    from bench.shop import Shop

CHANNELS = 10
#: Longer than the longest pause between two attempts, twice.
PATIENCE = 300.0


def measure(shop: "Shop", count: int) -> Table:
    from bench.shop import now
    from bench.telling import places
    from deployments.telling.notifications.kinds import Kind
    from deployments.telling.notifications.models import Message, MessageStatus

    receiver = Receiver()
    paths = [f"queued/{number}" for number in range(count)]
    channels = [
        places.channel(f"team-{number}", map(receiver.address, paths[number::CHANNELS]), now(), Kind.GATE_WAITS)
        for number in range(CHANNELS)
    ]
    messages = Message.objects.filter(address__channel__in=channels)
    deployment = shop.swap("BLUE_GREEN")
    shop.to_the_gate(deployment)
    down_since = time.monotonic()
    # Each was refused at least once.
    wait_for(lambda: messages.filter(attempts__gt=0).count() >= count, within=PATIENCE)
    queued = messages.filter(status=MessageStatus.WAITING).count()
    receiver.up()
    up_since = time.monotonic()
    receiver.wait_for(queued, PATIENCE)
    until_last = time.monotonic() - up_since
    wait_for(lambda: not messages.filter(status=MessageStatus.WAITING).exists(), within=PATIENCE)
    came = [len(receiver.of(path)) for path in paths]
    receiver.down()
    places.turn(channels, on=False)
    shop.stop(deployment)
    shop.finish(deployment, Status.ROLLBACK_SUCCESSFUL)
    return Table(
        ("messages", "refused while it was down, s", "delivered", "lost", "twice", "s until the last one was there"),
        [[queued, round(up_since - down_since), sum(map(bool, came)), came.count(0), sum(each > 1 for each in came),
          round(until_last, 1)]],
    )  # fmt: skip
