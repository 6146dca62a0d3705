"""One Chromium and one Tealgate for all files here, and people who are signed in."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.browser.pages import Person, Windows
from tests.stack import ROOT, Stack

#: Where pictures go when they are to be kept, such as docs/screenshots.
SCREENSHOTS = os.environ.get("TEALGATE_SCREENSHOTS", "")
#: The first is what draws pages and nothing around them, for less than half of the processor's time.
PROGRAMS = (
    *("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
)
#: Not the server's zone, so that a time shown in UTC is found out.
READER: dict[str, Any] = {
    "locale": "en-GB",
    "timezone_id": "Europe/Berlin",
    "viewport": {"width": 1440, "height": 900},
    # Drawing what turns and pulses keeps a machine without a graphics card busy.
    "reduced_motion": "reduce",
}

#: What Chromium does besides showing pages: a process in reserve, two pages for the address bar of each window, a new
#: frame for each page and a guess at its language. The last lines are Playwright's own, whose list this one replaces.
UNSEEN = (
    *("SpareRendererForSitePerProcess", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "RenderDocument", "Translate"),
    *("OptimizationGuideModelDownloading", "GlobalMediaControls", "AutofillServerCommunication"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay"),
    *("HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled"),
    "PreconnectToSearch",
)

expect.set_options(timeout=60_000)
Arrive = Callable[..., Person]
Begin = Callable[..., Stack]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Gone before anything else is tested: while Playwright runs, Django believes to be called from an event loop."""
    with sync_playwright() as playwright:
        program = _program(playwright)
        if not program:
            pytest.skip("No Chromium: install one, or set CHROMIUM to its path")
        arguments = [
            "--disable-background-networking",
            "--disable-gpu",
            f"--disable-features={','.join(UNSEEN)}",
        ]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


def _program(playwright: Playwright) -> str:
    if named := os.environ.get("CHROMIUM"):
        return named
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), "")
    bundled = playwright.chromium.executable_path
    return found or (bundled if Path(bundled).exists() else "")


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
