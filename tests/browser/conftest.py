"""One Chromium and one Tealgate for all files here, and people who are signed in."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import launched
from tests.browser.pages import Person, Windows
from tests.stack import ROOT, Stack

#: Where pictures go when they are to be kept, such as docs/screenshots.
SCREENSHOTS = os.environ.get("TEALGATE_SCREENSHOTS", "")
#: Not the server's zone, so that a time shown in UTC is found out.
READER: dict[str, Any] = {
    "locale": "en-GB",
    "timezone_id": "Europe/Berlin",
    "viewport": {"width": 1440, "height": 900},
    # Drawing what turns and pulses keeps a machine without a graphics card busy.
    "reduced_motion": "reduce",
}

expect.set_options(timeout=60_000)
Arrive = Callable[..., Person]
Begin = Callable[..., Stack]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Gone before anything else is tested: while Playwright runs, Django believes to be called from an event loop."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="package")
def installation(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Asks for Chromium first: without one, nothing is started."""
    home = tmp_path_factory.mktemp("stack")
    shops = ("storefront", "legacy-api", "reports")
    with Stack(home, scale=60, queue_workers=3, applications=shops, forked=True, mail=True) as stack:
        yield stack


@pytest.fixture(scope="module")
def begin(installation: Stack) -> Begin:
    """`begin(gates={"staging": 1}, bake_seconds=5)`: the shop as a file of stories wants to find it."""

    def _begin(
        gates: Mapping[str, int] = MappingProxyType({"production": 1}),
        checks: Sequence[str] = ("/", "/healthz"),
        **policy: int,
    ) -> Stack:
        wanted = {"gates": dict(gates), "checks": list(checks), **policy}
        installation.run(f"from tests.browser import beginning; beginning.begin(**{wanted!r})")
        return installation

    return _begin


@pytest.fixture(scope="package")
def windows(chromium: Browser, installation: Stack) -> Windows:
    releases = installation.query(
        "SELECT version, r.id FROM deployments_release r JOIN deployments_application a ON a.id = application_id "
        "WHERE slug = 'storefront'"
    )
    environments = installation.query(
        "SELECT e.name, e.id FROM deployments_environment e JOIN deployments_application a ON a.id = application_id "
        "WHERE slug = 'storefront'"
    )
    return Windows(chromium, installation.url, dict(releases + environments))


@pytest.fixture
def arrive(windows: Windows, stack: Stack) -> Iterator[Arrive]:
    """`arrive("manager")`: a person at a browser of their own, signed in. Whatever went wrong there fails the test."""
    arrived: list[Person] = []

    def _arrive(name: str, **context: Any) -> Person:
        person = windows.open(name, **{**READER, **context})
        person.pictures = ROOT / SCREENSHOTS if SCREENSHOTS else None
        arrived.append(person)
        return person

    yield _arrive
    troubles = [trouble for person in arrived for trouble in person.leave()]
    assert not troubles


@pytest.fixture
def manager(arrive: Arrive) -> Person:
    """Maya, a release manager."""
    return arrive("manager")


@pytest.fixture
def approver(arrive: Arrive) -> Person:
    """Ari, who decides at gates."""
    return arrive("approver")
