"""A sandbox per test module, on random ports, where AWS's minutes take seconds."""

import functools
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import boto3
import pytest
from botocore.config import Config

from sandbox.account import REGION
from sandbox.server import Sandbox
from sandbox.world import LISTENER_PORTS
from tests.sandbox.listening import Listener

T = TypeVar("T")
_session = boto3.session.Session()  # shared: reading the API models takes longer than most tests
SCALE = 50
#: GitHub's actions come from no package registry: nobody owes them, so nothing is skipped either.
collect_ignore = (
    [] if os.environ.get("TEALGATE_GITHUB_ACTIONS") and shutil.which("node") else ["test_github_actions.py"]
)
EPHEMERAL = dict.fromkeys(LISTENER_PORTS, 0)


@pytest.fixture(scope="module")
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A module that wants another pace, or more than the storefront, has a SCALE or APPLICATIONS of its own."""
    scale = getattr(request.module, "SCALE", SCALE)
    applications = getattr(request.module, "APPLICATIONS", ("storefront",))
    with Sandbox(scale=scale, listener_ports=EPHEMERAL, applications=applications) as running:
        yield running


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> Callable[..., Any]:
    """The same client for the same options: making one costs more than most of what is asked of it."""
    return functools.cache(functools.partial(client_of, sandbox))


@pytest.fixture
def ecs(client: Callable[..., Any]) -> Any:
    return client("ecs")


@pytest.fixture(scope="module")
def listener(client: Callable[..., Any], sandbox: Sandbox) -> Listener:
    """At the queue that the seeded world is told by."""
    return Listener(client("sqs"), sandbox.control.world["events"]["queue"])


def client_of(sandbox: Sandbox, service: str, key: str = "test", region: str = REGION, **options: Any) -> Any:
    """A boto3 client that does not try again, so that a test sees every error."""
    options.setdefault("aws_secret_access_key", "test")
    return _session.client(
        service,
        region_name=region,
        endpoint_url=sandbox.url,
        aws_access_key_id=key,
        config=Config(retries={"total_max_attempts": 1}),
        **options,
    )


def polling(sandbox: Sandbox, poll: Callable[[], object]) -> threading.Thread:
    """Somebody who asks for a message; the sandbox has got the request."""

    def asked() -> int:
        return sandbox.faults.calls().get("sqs:ReceiveMessage", 0)

    before, waiting = asked(), threading.Thread(target=poll)
    waiting.start()
    eventually(lambda: asked() > before)
    return waiting


def eventually(read: Callable[[], T], *, within: float = 60.0) -> T:
    """The first true value, looked for until the deadline: soon at first, then less often, for asking costs most."""
    deadline = time.monotonic() + within
    pause = 0.01
    while True:
        value = read()
        if value or time.monotonic() > deadline:
            assert value, "it did not happen in time"
            return value
        time.sleep(pause)
        pause = min(pause * 1.3, 0.05)
