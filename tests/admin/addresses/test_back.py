"""What a browser's Back shows: some keep a page as it was left, and run none of it again."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from deployments.delivery.models import Deployment
from tests.admin.addresses.test_by_keys import at
from tests.admin.conftest import Browser as Browse
from tests.delivery.engine.world import World

pytestmark = pytest.mark.browser

#: As Chromium tells it; Playwright has it keep no page.
COME_BACK = "dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
#: It is sent, and nobody answers, as while one still looks at it.
STAY = "addEventListener('submit', (event) => event.preventDefault())"


def test_nobody_is_said_to_be_asking_aws_who_came_back(world: World, administrator: User, browse: Browse) -> None:
    with at(browse(administrator), "/deployments/environment/discover/") as page:
        look = page.get_by_role("button", name="Look what runs there")
        before = look.inner_text()
        page.evaluate(STAY)
        look.click()
        expect(look).to_contain_text("asking AWS")

        page.evaluate(COME_BACK)

        assert look.inner_text() == before
        expect(page.locator("[aria-busy]")).to_have_count(0)
        look.click()
        expect(look).to_contain_text("asking AWS")


def test_what_was_sent_and_what_was_chosen_is_not_asked_again(
    shifting: Deployment, requester: User, browse: Browse
) -> None:
    with at(browse(requester), f"/deployments/deployment/{shifting.pk}/change/") as page:
        page.evaluate(STAY)
        dialog = page.locator("dialog[open]")
        for _ in range(2):
            page.locator('[data-dialog^="do-"]:visible').first.click()
            dialog.locator("[type=submit], button:not([type])").click()
            assert sent(page)
            page.evaluate(COME_BACK)
            expect(dialog).to_have_count(0)
            assert not sent(page)

        page.keyboard.press("Control+k")
        expect(dialog).to_have_count(1)
        page.evaluate(COME_BACK)
        expect(dialog).to_have_count(0)


def sent(page: Page) -> bool:
    return page.locator("form[data-sent]").count() == 1
