"""Whoever sends is killed by SIGKILL, again and again, each time at another moment."""

import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from bench.measuring import Table
from bench.telling.receiver import Receiver
from tests.stack import wait_for

if TYPE_CHECKING:
    from bench.shop import Shop
    from deployments.telling.notifications.models import Message, NotificationAddress

#: Of each life, at as many addresses.
MESSAGES = 10
#: An answer takes up to so many seconds, and death comes up to so long after the first message of a life.
SLOW = 0.1
LIFE = 0.2
#: Leases of the dead run out by then.
PATIENCE = 300.0


def measure(shop: "Shop", kills: int, seed: int) -> Table:
    from bench.shop import now
    from bench.telling import places
    from deployments.telling.notifications.kinds import Kind
    from deployments.telling.notifications.models import Message, MessageStatus

    receiver, choose = Receiver(slow=SLOW), random.Random(seed)
    receiver.up()
    urls = [receiver.address(f"killed/{number}") for number in range(MESSAGES)]
    addresses = list(places.channel("killed", urls, now(), Kind.GATE_WAITS).addresses.all())
    made = 0
    shop.stack.stop("worker")
    nursery = subprocess.Popen(
        [sys.executable, "-m", "bench.telling.nursery"], env=shop.stack.environment, stdout=subprocess.PIPE, text=True
    )
    assert nursery.stdout is not None
    for life in range(kills):
        sender, before = int(nursery.stdout.readline()), len(receiver.came)
        made += len(Message.objects.bulk_create(_message(each, life) for each in addresses))
        receiver.wait_for(before + 1, PATIENCE)
        time.sleep(choose.uniform(0, LIFE))
        os.kill(sender, signal.SIGKILL)
    last = int(nursery.stdout.readline())
    nursery.kill()
    os.kill(last, signal.SIGKILL)
    nursery.wait()
    nursery.stdout.close()
    cut_off = Message.objects.filter(address__in=addresses, status=MessageStatus.WAITING, attempts__gt=0).count()
    shop.stack.start("worker")
    sent = Message.objects.filter(address__in=addresses, status=MessageStatus.SENT)
    wait_for(lambda: sent.count() == made, within=PATIENCE)
    came = receiver.by_title()
    twice = {title for title, times in came.items() if times > 1}
    marked = {each.content["subject"] for each in sent.filter(maybe_twice=True)}
    receiver.down()
    return Table(
        ("kill -9 of whoever sends", "messages", "cut off by the last", "lost", "came twice", "more often",
         "of these marked", "marked in all"),
        [[kills, made, cut_off, made - len(came), len(twice), sum(times > 2 for times in came.values()),
          len(twice & marked), len(marked)]],
    )  # fmt: skip


def _message(address: "NotificationAddress", life: int) -> "Message":
    from bench.shop import now
    from deployments.telling.notifications.content import Content
    from deployments.telling.notifications.kinds import Kind
    from deployments.telling.notifications.models import Message

    name = f"{life}-{address.pk}"
    content = Content(subject=f"Message {name}", sentences=("It is one of many.",)).as_json()
    at = now()
    return Message(address=address, key=name, kind=Kind.GATE_WAITS, content=content, thread=name, made_at=at, due_at=at)
