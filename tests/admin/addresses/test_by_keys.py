"""Pages without a mouse: past the menu, into what opens and back out of it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Locator, Page, Route, expect

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


def test_letters_can_be_kept_from_doing_anything(shifting: Deployment, requester: User, browse: Browse) -> None:
    """Who dictates says a word, and each of its letters is pressed (WCAG 2.1.4)."""
    with at(browse(requester), f"/deployments/deployment/{shifting.pk}/change/") as page:
        opened = page.locator("dialog[open]")
        page.keyboard.press("r")
        expect(opened).to_have_count(1)
        page.keyboard.press("Escape")

        page.get_by_role("button", name="Keys").click()
        page.get_by_role("checkbox", name="Letters alone do something").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("r")
        expect(opened).to_have_count(0)

        page.reload()
        page.get_by_role("button", name="Keys").click()
        expect(page.get_by_role("checkbox", name="Letters alone do something")).not_to_be_checked()


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


#: Of Django's: gives the focus to the first field, and is loaded whenever it comes.
TO_THE_FIRST_FIELD = "**/admin/js/change_form.js"


@contextmanager
def refused(client: Client, path: str) -> Iterator[tuple[Page, Route]]:
    """A form that was sent empty, as it is drawn, and the script that has not come yet."""
    pages = {path: client.post(path, {"name": ""})}
    with launched() as chromium:
        window = Window(chromium, pages)
        window.page.set_default_timeout(60_000)
        late: list[Route] = []
        window.page.route(TO_THE_FIRST_FIELD, lambda route: late.append(route))
        with window.page.expect_request(TO_THE_FIRST_FIELD):
            window.open(path, until="domcontentloaded")
        expect(window.page.get_by_role("main")).to_be_visible()
        yield window.page, late[0]
        assert window.troubles == []


def test_what_is_wrong_with_a_form_is_read_first_whichever_script_comes_last(
    administrator: User, browse: Browse
) -> None:
    with refused(browse(administrator), "/deployments/application/add/") as (page, script):
        script.continue_()
        page.wait_for_load_state("load")
        expect(page.get_by_role("alert").filter(has_text="correct the error").first).to_be_focused()


def test_who_has_begun_to_type_stays_there(administrator: User, browse: Browse) -> None:
    with refused(browse(administrator), "/deployments/application/add/") as (page, script):
        name = page.locator("#id_name")
        name.press_sequentially("Shop")
        script.continue_()
        page.wait_for_load_state("load")
        expect(name).to_be_focused()
        expect(name).to_have_value("Shop")
