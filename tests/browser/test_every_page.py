"""All pages, wide, dark and on a phone: nothing sticks out, every button can be hit, nothing complains."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.pages import Person
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("browser_pages")]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
PAGES = (
    "/",
    "/deployments/deployment/",
    "/deployments/deployment/1/",
    "/deployments/deployment/1/do/stop/",
    "/deployments/deployment/add/",
    "/deployments/deployment/add/?release=2",
    "/deployments/deployment/preview/?release=3&environment=1&strategy=LINEAR",
    "/deployments/release/",
    "/deployments/release/2/",
    "/deployments/release/add/",
    "/deployments/gate/",
    "/deployments/gate/?waiting=me",
    "/deployments/approval/",
    "/deployments/event/",
    "/deployments/environment/",
    "/deployments/environment/2/",
    "/deployments/environment/add/",
    "/deployments/application/",
    "/deployments/application/1/",
    "/auth/user/",
    "/password_change/",
)
SMALL_BUTTONS = """
() => [...document.querySelectorAll(".tg button, .tg a.tg-button, .tg input[type=submit]")]
    .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 40)
    .map(e => `${e.innerText.trim()} is ${Math.round(e.getBoundingClientRect().height)} px high`)
"""


#: One deployment waits at production's gate; staging has a gate too.
AT_THE_GATE = """
from django.contrib.auth.models import Group, User
from django.utils import timezone
from deployments.models import GatePolicy
from deployments.services.deployments import request_deployment
staging, production = Environment.objects.order_by("rank")
GatePolicy.objects.create(environment=staging, stage="POST_TEST_TRAFFIC_SHIFT")
request_deployment(environment=production, release=production.application.releases.get(version="1.1.0"),
    strategy="CANARY", requester=User.objects.get(username="manager"), reason="The new checkout, SHOP-412",
    now=timezone.now())
"""


@pytest.fixture(scope="module")
def stack(start_stack: Callable[..., Stack]) -> Stack:
    return start_stack(AT_THE_GATE, canary_bake_seconds=4, bake_seconds=1, termination_wait_seconds=120, min_requests=5)


def test_an_approver_decides_on_the_phone(arrive: Arrive, manager: Person) -> None:
    manager.deploy("1.6.0", "staging", reason="Faster search, SHOP-398")
    manager.sees_status("Waiting for approval")
    approver = arrive("approver", **PHONE)
    approver.open_board()
    fits(approver)
    tile = approver.page.locator(".tg-tile", has_text="1.6.0")
    tile.scroll_into_view_if_needed()
    approver.picture("phone-board")

    tile.tap()
    approver.sees("Your decision is needed")
    approver.sees("Faster search, SHOP-398")
    fits(approver)
    expect(approver.page.locator(".tg-gate-title")).to_be_in_viewport()
    approver.picture("phone-gate")
    approver.comment("From the train")
    approver.page.get_by_role("button", name="Approve").tap()

    approver.sees("Approved.")
    manager.sees("Gate approved by approver")
    approver.sees_status("Live, previous release kept warm")
    fits(approver)


def test_the_whole_way_to_an_approval_by_keyboard(arrive: Arrive) -> None:
    approver = arrive("approver", storage_state=None, color_scheme="dark")
    keyboard = approver.page.keyboard
    approver.open("/login/")
    expect(approver.page.get_by_label("Username")).to_be_focused()
    keyboard.type("approver")
    keyboard.press("Tab")
    keyboard.type("demo")
    keyboard.press("Enter")
    expect(approver.page.locator(".tg-tile", has_text="storefront/production")).to_be_visible()

    approver.tab_to("storefront/production")
    keyboard.press("Enter")
    approver.sees("Your decision is needed")
    approver.picture("dark")
    keyboard.press("a")
    keyboard.type("Without a mouse")
    approver.tab_to("Approve", most=1)
    keyboard.press("Enter")

    approver.sees("Gate approved by approver")
    approver.sees("Without a mouse")


def test_every_page_fits_on_a_phone(arrive: Arrive) -> None:
    admin = arrive("admin", **PHONE)
    for path in PAGES:
        admin.open(path)
        fits(admin)


def test_every_page_in_the_dark(arrive: Arrive) -> None:
    admin = arrive("admin", color_scheme="dark")
    for path in PAGES:
        admin.open(path)
        assert admin.overflow <= 0, path
        expect(admin.page.locator("html")).to_have_class(re.compile("dark"))


def fits(person: Person) -> None:
    assert person.overflow <= 0, person.page.url
    assert person.page.evaluate(SMALL_BUTTONS) == [], person.page.url
