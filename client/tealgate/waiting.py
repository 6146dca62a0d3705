"""Waits for a deployment: asked again when something changed, through restarts of Tealgate and of the network.

Whatever ends the wait leaves the deployment as it is: it goes on by itself, and that is said with its address.
"""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from tealgate import wire
from tealgate.api import Api, at
from tealgate.endings import Ending, Interrupted, TimedOut
from tealgate.verdict import Until, Verdict, name, verdict

#: Seconds of one long poll: shorter than what proxies allow an answer to take.
POLL = 30
#: Between two looks at a deployment that is where it should be while its environment says otherwise.
_AGAIN = 2.0
#: An answer before that, with nothing new, was no wait.
_SOON = 1.0
Deployment = Mapping[str, Any]


def wait(
    api: Api, deployment: Deployment, until: Until, *, seconds: float, show: Callable[[Deployment], None]
) -> tuple[Deployment, Verdict]:
    """`show` is given each state. Raises TimedOut, Unreachable, Refused and Interrupted, each with what goes on."""
    ends = time.monotonic() + seconds
    with _told(api, deployment):
        while True:
            show(deployment)
            found = verdict(deployment, until)
            if found and (deployment["is_finished"] or found.outcome != "live" or _is_there(api, deployment)):
                return deployment, found
            if (left := ends - time.monotonic()) <= 0:
                raise _timed_out(deployment, seconds)
            deployment = _next(api, deployment, left, settled=found is not None)


def _next(api: Api, deployment: Deployment, left: float, *, settled: bool) -> Deployment:
    """What it is when something changed, or after a while. Raises as Api.ask."""
    most = max(1, min(POLL, int(left)))
    asked = {"wait": most, "seen": deployment["seen"]} if not settled else {}
    if settled:
        time.sleep(min(_AGAIN, left))
    began = time.monotonic()
    reply = api.ask(
        "GET", at("deployments", deployment["id"]), query=asked, timeout=most + wire.TIMEOUT, patience=max(left, 1)
    )
    shown: Deployment = reply.data
    if reply.retry_after is not None:  # too many wait already
        time.sleep(min(reply.retry_after, left))
    elif shown["seen"] == deployment["seen"] and time.monotonic() < began + _SOON:  # a process that ends lets all go
        time.sleep(min(_SOON, left))
    return shown


def _is_there(api: Api, deployment: Deployment) -> bool:
    """Whether its environment says the same. Somebody beside Tealgate may have put something else there."""
    there = api.get(at("environments", deployment["application"], deployment["environment"]))
    return there["live"] == deployment["version"] and not there["outside"]


def _timed_out(deployment: Deployment, seconds: float) -> TimedOut:
    waits = "It waits for people: they decide there." if deployment["gate"] else deployment["headline"]
    return TimedOut(f"Not there after {_minutes(seconds)}. {waits}", deployment=dict(deployment))


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 120 else f"{seconds:.0f} s"


@contextmanager
def _told(api: Api, deployment: Deployment) -> Iterator[None]:
    """Adds to whatever ends the wait that the deployment does not end by it."""
    goes_on = f"{name(deployment)} goes on without this: {api.page(deployment['id'])}"
    try:
        with _signals():
            yield
    except _Signalled as signalled:
        raise Interrupted(f"No longer waiting. {goes_on}", number=signalled.number) from None
    except Ending as ending:
        ending.sentence = f"{ending.sentence} {goes_on}"
        raise


class _Signalled(BaseException):
    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def _signals() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise _Signalled(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
