"""Pages without a mouse: past the menu, into what opens and back out of it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from deployments.delivery.models import Deployment
from tests.admin.addresses.seen import Window
from tests.admin.conftest import Browser as Browse
from tests.browser.chromium import launched

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # as in tests/browser: a busy machine takes its time


@contextmanager
def at(client: Client, path: str) -> Iterator[Page]:
    """A page of a person's, in a browser."""
    pages = {path: client.get(path)}
    with launched() as chromium:
        window = Window(chromium, pages)
        window.page.set_default_timeout(60_000)
        window.open(path)
        yield window.page
        assert window.troubles == []


def tabs_to(page: Page, wanted: Locator) -> int:
    """How many times Tab is pressed until it has the focus."""
    for pressed in range(1, 40):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return pressed
    raise AssertionError("Tab does not reach it")


def test_a_release_manager_is_four_keys_from_the_first_deployment(
    at_gate: Deployment, requester: User, browse: Browse
) -> None:
    with at(browse(requester), "/") as page:
        skip = page.get_by_role("link", name="Skip to the content")
        assert tabs_to(page, skip) == 1
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_be_focused()
        first = page.get_by_role("main").get_by_role("link").first
        assert tabs_to(page, first) == 1
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_menus_open_by_keys_and_give_the_focus_back(at_gate: Deployment, requester: User, browse: Browse) -> None:
    with at(browse(requester), "/deployments/deployment/") as page:
        for opener, inside in (
            (page.get_by_role("button", name="Filters"), page.locator("#changelist-filter a").first),
            (
                page.locator('[aria-expanded][x-on\\:click*="openUserLinks"]'),
                page.get_by_role("button", name="Sign out"),
            ),
        ):
            opener.focus()
            page.keyboard.press("Enter")
            expect(opener).to_have_attribute("aria-expanded", "true")
            expect(inside).to_be_visible()
            page.keyboard.press("Escape")
            expect(inside).to_be_hidden()
            expect(opener).to_be_focused()


def test_a_question_takes_the_focus_and_escape_gives_it_back(
    shifting: Deployment, requester: User, browse: Browse
) -> None:
    with at(browse(requester), f"/deployments/deployment/{shifting.pk}/change/") as page:
        opener = page.locator('[data-dialog^="do-"]:visible').first
        opener.focus()
        page.keyboard.press("Enter")
        dialog = page.locator("dialog[open]")
        expect(dialog).to_be_visible()
        assert dialog.evaluate("dialog => dialog.contains(document.activeElement)")
        assert dialog.get_attribute("aria-labelledby")
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(opener).to_be_focused()


def test_what_is_wrong_with_a_form_is_read_first(administrator: User, browse: Browse) -> None:
    path = "/deployments/application/add/"
    refused = browse(administrator).post(path, {"name": ""})
    with launched() as chromium:
        window = Window(chromium, {path: refused})
        window.open(path)
        note = window.page.get_by_role("alert").filter(has_text="correct the error").first
        expect(note).to_be_focused()
