"""One sandbox for every file of this package, with AWS's minutes in seconds."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from sandbox.server import Sandbox
from sandbox.world import APPLICATIONS, BOOKING, LANDING, LISTENER_PORTS
from tests.preflight.sandboxed.failures import Failure
from tests.preflight.sandboxed.scene import Account, Scene

SCALE = 60


@pytest.fixture(scope="package")
def account() -> Iterator[Account]:
    any_port = dict.fromkeys(LISTENER_PORTS, 0)
    applications = (*APPLICATIONS, LANDING, BOOKING)
    with (
        Sandbox(scale=SCALE, listener_ports=any_port, applications=applications) as sandbox,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("AWS_ENDPOINT_URL", sandbox.url)
        patch.setenv("AWS_ACCESS_KEY_ID", "developer")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "developer")
        yield Account(sandbox)


@pytest.fixture
def controller(request: pytest.FixtureRequest) -> str:
    """Whose environment a scene is about."""
    failure: Failure = request.getfixturevalue("failure")
    return failure.controller


@pytest.fixture
def scene(account: Account, controller: str) -> Iterator[Scene]:
    with ExitStack() as undo:
        yield Scene(account, controller, undo)
