"""Every page of the site in a browser, as axe-core judges it: wide and narrow, light and dark, for who may do what."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.admin.addresses.pages import Address
from tests.admin.addresses.seen import Window, rendered
from tests.admin.conftest import Browser as Browse
from tests.browser.chromium import launched

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


def faults(chromium: Browser, pages: dict[str, Any]) -> list[str]:
    window = Window(chromium, pages)
    found = []
    for path in pages:
        window.open(path)
        found += [f"{path} at {fault}" for fault in window.faults()]
    return found + window.troubles


def test_everybody_can_use_every_page(everywhere: list[Address], browse: Browse) -> None:
    administrators, approvers = (rendered(browse(name), everywhere) for name in ("root", "approver"))
    with launched() as chromium:
        found = faults(chromium, administrators)
        assert found == []
