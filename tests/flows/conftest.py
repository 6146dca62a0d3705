"""One sandbox a file, with AWS's minutes in seconds, and the demo's shop in the database."""

from collections.abc import Iterator
from typing import Any

import pytest

from deployments.aws import sessions
from deployments.catalog.models import Environment
from sandbox.server import Sandbox
from sandbox.world import APPLICATIONS, LISTENER_PORTS
from tests.flows.seeding import Seeds
from tests.flows.storefront import Storefront
from tests.settled import settle

SCALE = 60
EPHEMERAL = dict.fromkeys(LISTENER_PORTS, 0)


@pytest.fixture(scope="module")
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A file that says which APPLICATIONS it is about does not wait for the others."""
    applications = getattr(request.module, "APPLICATIONS", APPLICATIONS)
    with Sandbox(scale=SCALE, listener_ports=EPHEMERAL, applications=applications) as running:
        yield running


@pytest.fixture(scope="module")
def gateways() -> dict[Any, Any]:
    """Making clients takes longer than most of what is asked of them."""
    return {}


@pytest.fixture(scope="module")
def seeds(sandbox: Sandbox) -> Seeds:
    return Seeds(sandbox)


@pytest.fixture
def storefront(
    sandbox: Sandbox,
    gateways: dict[Any, Any],
    seeds: Seeds,
    db: None,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Storefront]:
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "flows")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "flows")
    monkeypatch.setattr(sessions, "_gateways", gateways)
    settings.DEMO = True
    settle(sandbox)
    seeds.sow()
    Environment.objects.update(
        canary_bake_seconds=2, bake_seconds=1, termination_wait_seconds=2, scale_up_timeout_seconds=30, min_requests=5
    )
    yield Storefront(sandbox, Environment.objects.get(name="production"))
    sandbox.faults.clear()
