"""Whole workers are killed by SIGKILL, all of their processes at once, from the event in the log to the answer."""

import os
import random
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING

from bench.measuring import Table
from bench.telling.receiver import Receiver
from tests.stack import wait_for

if TYPE_CHECKING:
    from bench.shop import Shop

#: Told in each life, to as many addresses each.
EVENTS, ADDRESSES = 2, 5
#: An answer takes up to so many seconds, and death comes up to so long after the first message of a life.
SLOW = 0.1
LIFE = 0.5
#: Until a worker has begun, which takes longest; leases of the dead are free as soon as the next one begins.
PATIENCE = 120.0


def measure(shop: "Shop", kills: int, seed: int) -> Table:
    from bench.shop import now
    from bench.telling import places
    from deployments.record.append import append_event
    from deployments.telling.notifications.kinds import Kind
    from deployments.telling.notifications.models import Message, MessageStatus

    receiver, choose = Receiver(slow=SLOW), random.Random(seed)
    receiver.up()
    urls = [receiver.address(f"workers/{number}") for number in range(ADDRESSES)]
    addresses = places.channel("workers", urls, now(), Kind.ROLLBACK_FAILED).addresses.all()
    deployment = shop.swap("BLUE_GREEN")
    shop.stack.stop("worker")
    for life in range(kills):
        before = len(receiver.came)
        for number in range(EVENTS):
            said = f"It is the event {life}-{number}."
            append_event(deployment, "deployment.rollback_failed", said, now=now())
        shop.stack.start("worker")
        receiver.wait_for(before + 1, PATIENCE)
        time.sleep(choose.uniform(0, LIFE))
        os.killpg(shop.stack.pid("worker"), signal.SIGKILL)  # it leads a group of its own
        shop.stack.kill("worker")
    messages = Message.objects.filter(address__in=addresses)
    made = kills * EVENTS * ADDRESSES
    left = made - messages.filter(status=MessageStatus.SENT).count()
    shop.stack.start("worker")
    wait_for(lambda: messages.filter(status=MessageStatus.SENT).count() == made, within=PATIENCE)
    came = Counter((each.path, _event(each.text)) for each in list(receiver.came))
    twice = {each for each, times in came.items() if times > 1}
    marked = {
        (f"/workers/{urls.index(each.address.url)}", _event(each.content["sentences"][0]))
        for each in messages.filter(maybe_twice=True).select_related("address")
    }
    receiver.down()
    return Table(
        ("kill -9 of whole workers", "messages", "left by the last", "lost", "came twice", "more often",
         "of these marked", "marked in all"),
        [[kills, made, left, made - len(came), len(twice), sum(times > 2 for times in came.values()),
          len(twice & marked), len(marked)]],
    )  # fmt: skip


def _event(text: str) -> str:
    """Such as 17-1."""
    return text.partition("the event ")[2].partition(".")[0]
