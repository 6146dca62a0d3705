"""A Chromium and a Tealgate for each file, and people who are signed in."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.browser.pages import Person
from tests.stack import ROOT, Stack

#: Where pictures go when they are to be kept, such as docs/screenshots.
SCREENSHOTS = os.environ.get("TEALGATE_SCREENSHOTS", "")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
#: Not the server's zone, so that a time shown in UTC is found out.
READER = {"locale": "en-GB", "timezone_id": "Europe/Berlin", "viewport": {"width": 1440, "height": 900}}

expect.set_options(timeout=60_000)
Arrive = Callable[..., Person]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One a file: while Playwright runs, Django believes that it is called from an event loop."""
    with sync_playwright() as playwright:
        program = _program(playwright)
        if not program:
            pytest.skip("No Chromium: install one, or set CHROMIUM to its path")
        arguments = ["--disable-background-networking", "--disable-gpu"]
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


@pytest.fixture(scope="module")
def start_stack(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Stack]]:
    """Asks for Chromium first: without one, nothing is started."""
    stacks: list[Stack] = []

    def start(code: str = "", *, applications: tuple[str, ...] = ("storefront",), **policy: int) -> Stack:
        """`code` runs once in the project's shell, with Environment at hand."""
        stack = Stack(tmp_path_factory.mktemp("stack"), scale=60, policy=policy, code=code, applications=applications)
        stacks.append(stack)
        return stack.__enter__()

    yield start
    for stack in stacks:
        stack.close()


@pytest.fixture(scope="module")
def sessions() -> dict[str, Any]:
    """Cookies of whoever signed in once in this file."""
    return {}


@pytest.fixture
def arrive(
    chromium: Browser, stack: Stack, sessions: dict[str, Any], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Arrive]:
    """`arrive("manager")`: a person at a browser of their own, signed in. Whatever went wrong there fails the test."""
    pictures = ROOT / SCREENSHOTS if SCREENSHOTS else tmp_path / "screenshots"
    arrived: list[Person] = []

    def _arrive(name: str, **context: Any) -> Person:
        here = chromium.new_context(**{**READER, "storage_state": sessions.get(name), **context})
        person = Person(here.new_page(), site=stack.url, name=name, pictures=pictures)
        arrived.append(person)
        if name not in sessions and "storage_state" not in context:
            person.sign_in()
            sessions[name] = here.storage_state()
        return person

    yield _arrive
    troubles = [f"{person.name}: {trouble}" for person in arrived for trouble in person.troubles]
    for person in arrived:
        person.page.context.close()
    assert not troubles


@pytest.fixture
def manager(arrive: Arrive) -> Person:
    """Maya, a release manager."""
    return arrive("manager")


@pytest.fixture
def approver(arrive: Arrive) -> Person:
    """Ari, who decides at gates."""
    return arrive("approver")
