"""Reading the queue of AWS's events, in a process of its own, for as long as the worker runs.

An event changes nothing but when a deployment or a repository is looked at: one that is lost in here, late or repeated
costs a delay or a look. So a message is deleted once what it concerns is due.
"""

import signal
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from django.db import connections
from django.db.models import F

from deployments import clock, logs, swaps
from deployments.aws import eventbridge
from deployments.aws.errors import AwsError
from deployments.aws.events_queue import EventsQueue as Queue
from deployments.aws.events_queue import Message
from deployments.catalog.self_registering import hearing
from deployments.delivery import queue
from deployments.delivery.engine import stored
from deployments.delivery.models import Deployment, EventsQueue
from deployments.frozen import EnvironmentSettings
from deployments.ops import aws_calls, draining, outages

log = logs.get(__name__)

#: After AWS or the database did not answer.
PAUSE_SECONDS = 15


class Messages(Protocol):
    def receive(self) -> tuple[Message, ...]: ...
    def delete(self, messages: tuple[Message, ...]) -> None: ...


def run(region: str, name: str) -> None:
    """Until the worker is asked to stop, or this process is told to end."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # what was received and not deleted is delivered again
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    messages = Queue(region, name)
    while not draining.asked():
        try:
            listen(messages, clock.now)
        except (AwsError, *outages.ANY) as error:
            log.error("the queue of AWS's events cannot be read", queue=name, region=region, error=str(error))
            connections.close_all()
            aws_calls.flush()
            draining.sleep(PAUSE_SECONDS)


def listen(messages: Messages, clock: Callable[[], datetime]) -> None:
    """One look at the queue, which takes up to 20 s. Raises AwsError and what the database raises."""
    received = messages.receive()
    now = clock()
    EventsQueue.objects.update_or_create(id=1, defaults={"read_at": now})
    if received:
        hear([message.body for message in received], now)
        messages.delete(received)
    aws_calls.flush()


def hear(bodies: Iterable[str], now: datetime) -> None:
    """Make due what these events concern."""
    told = [each for body in bodies if (each := _read(body))]
    _look_for_releases(told, now)
    told = [each for each in told if not each.repository]
    if not told:
        return
    for deployment in Deployment.objects.unfinished():
        count = _concern(deployment, told)
        if count:
            _make_due(deployment, count, now)


def _look_for_releases(told: Iterable[eventbridge.AwsEvent], now: datetime) -> None:
    pushed = {(each.account, each.region, each.repository) for each in told if each.repository}
    if pushed and hearing.heard(pushed, now):
        queue.ask("register_releases")


def _concern(deployment: Deployment, told: Iterable[eventbridge.AwsEvent]) -> int:
    """How many of them it has to look for."""
    frozen, facts = EnvironmentSettings.from_json(deployment.settings), stored.facts(deployment)
    controller, key = swaps.get(frozen.controller), deployment.key
    return sum(controller.concerns(each, frozen, key, position=deployment.position, facts=facts) for each in told)


def _make_due(deployment: Deployment, count: int, now: datetime) -> None:
    # Like a click: a pass that is under way must not overwrite when to look next.
    raised = {"events_heard": F("events_heard") + count, "clicks": F("clicks") + 1, "next_check_at": now}
    if Deployment.objects.unfinished().filter(pk=deployment.pk).update(**raised):
        queue.nudge(deployment.pk)


def _read(body: str) -> eventbridge.AwsEvent | None:
    try:
        return eventbridge.read(body)
    except ValueError as error:
        log.warning("a message that is no event of AWS's", error=str(error))
        return None
