"""What every story needs: lifecycle events that keep their own times, and waiting."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

from sandbox.clock import Clock
from sandbox.codedeploy.halts import Halt
from sandbox.codedeploy.model import Deployment, Target, utcnow

Story = Generator[None, None, None]


@contextmanager
def lifecycle_event(target: Target, name: str) -> Iterator[None]:
    """The event runs while the block does. A halt inside it is the event's failure, a stop only cuts it short."""
    event = target.event(name)
    assert event is not None, name
    event.status, event.started_at = "InProgress", utcnow()
    target.updated_at = utcnow()
    try:
        yield
    except Halt as halt:
        event.status = "Failed" if halt.status == "Failed" else "Skipped"
        if halt.status == "Failed" and event.diagnostics is None:
            event.diagnostics = {"errorCode": "UnknownError", "scriptName": "", "message": halt.message, "logTail": ""}
        raise
    else:
        event.status = "Succeeded"
    finally:
        event.ended_at = target.updated_at = utcnow()


def skip(target: Target, *names: str) -> None:
    """These events are not for this deployment."""
    for event in target.events:
        if event.name in names:
            event.status = "Skipped"


def close(target: Target, status: str) -> None:
    """The end of a target: what has not begun never will."""
    target.status = status
    target.updated_at = utcnow()
    for event in target.events:
        if event.status == "Pending":
            event.status = "Skipped"


def until(clock: Clock, happened: Callable[[], bool], *, within: float, otherwise: Halt) -> Story:
    """Wait for it; raises ``otherwise`` after so many AWS seconds."""
    deadline = clock.now() + clock.seconds(within)
    while not happened():
        if clock.now() > deadline:
            raise otherwise
        yield


def pause(clock: Clock, seconds: float, *, unless: Callable[[], bool] = lambda: False) -> Story:
    """AWS seconds, cut short when ``unless`` becomes true."""
    ends = clock.now() + clock.seconds(seconds)
    while clock.now() < ends and not unless():
        yield


def ready(deployment: Deployment, target_statuses: list[Target], *, waiting: bool) -> None:
    """The deployment stands at the gate, or has passed it."""
    deployment.status = "Ready" if waiting else "InProgress"
    for target in target_statuses:
        if target.status in ("InProgress", "Ready"):
            target.status = "Ready" if waiting else "InProgress"
