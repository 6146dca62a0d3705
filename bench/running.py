"""A whole Tealgate for the length of a measurement, on loopback and in a temporary folder."""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

from tests.stack import Stack
from tests.stack_database import OnServer

if TYPE_CHECKING:
    from bench.shop import Shop


#: The sandbox has its alarms and tasks told here.
EVENTS_QUEUE = "sqs://us-east-1/tealgate-events"


@contextmanager
def running(
    scale: float,
    policy: Mapping[str, Any] | None = None,
    events_queue: str = "",
    applications: tuple[str, ...] = ("storefront",),
    database: OnServer | None = None,
    **more: Any,
) -> Iterator["Shop"]:
    """Sandbox, web server and worker as processes; this process shares their database, once in its life.

    `more` are fields of Stack.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended before it was done."))  # and so ends what it started
    with (
        tempfile.TemporaryDirectory(prefix="tealgate-bench-") as home,
        Stack(
            Path(home),
            scale,
            policy or {},
            events_queue=events_queue,
            applications=applications,
            its_database=database,
            **more,
        ) as stack,
    ):
        os.environ.update(stack.environment)
        django.setup()
        from bench.shop import Shop  # its models can only be imported now

        yield Shop(stack)
