"""Every page of the site in a browser, as axe-core judges it: wide and narrow, light and dark, for who may do what."""

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser

from tests.admin.addresses.pages import Address
from tests.admin.addresses.seen import Window, rendered, with_more
from tests.admin.conftest import Browser as Browse
from tests.browser.chromium import launched
from tests.delivery.engine.world import World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


#: Pages that say something else when they are asked for something, besides those that every role is tried with.
ASKED = (
    "/deployments/gate/?waiting=me",
    "/deployments/deployment/add/?release={release}",
    "/deployments/trust/add/?preset=gitlab",
    "/deployments/environment/?state=retired",
    "/deployments/environment/add/?by_hand=1",
    "/deployments/event/?q=nothing+is+like+this",
    "/deployments/notificationaddress/add/?service=ntfy",
    "/device/?user_code=BCDF-GHJK",
)
SIGNED_OUT = [Address("login", "/login/"), Address("", "/nowhere/")]


def faults(chromium: Browser, *visits: dict[str, Any]) -> list[str]:
    found = []
    for pages in visits:
        window = Window(chromium, pages)
        for path in pages:
            window.open(path)
            found += [f"{path} at {fault}" for fault in window.faults()]
        found += window.troubles
    return found


def test_everybody_can_use_every_page(everywhere: list[Address], site: World, browse: Browse) -> None:
    more = [Address("", path.format(release=site.release.pk)) for path in ASKED]
    administrator, approver = (rendered(browse(name), [*everywhere, *more]) for name in ("root", "approver"))
    nobody = rendered(Client(), SIGNED_OUT)
    with launched() as chromium:
        assert faults(chromium, administrator, with_more(approver, administrator), nobody) == []
