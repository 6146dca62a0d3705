"""What the forms of set-up show and hide while somebody fills them in."""

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import expect

from deployments.people import roles
from tests.admin.addresses.seen import Window
from tests.admin.conftest import Browser as Browse
from tests.browser.chromium import launched
from tests.delivery.engine.world import World

pytestmark = pytest.mark.browser
WHERE, BY_HAND = "/deployments/environment/discover/", "/deployments/environment/add/?by_hand=1"


def test_an_administrator_is_asked_only_what_the_choice_needs(
    world: World, administrator: User, browse: Browse
) -> None:
    client, group = browse(administrator), f"/auth/group/{Group.objects.get(name=roles.APPROVERS).pk}/change/"
    pages = {path: client.get(path) for path in (WHERE, BY_HAND, group)}
    with launched() as chromium:
        window = Window(chromium, pages)
        page = window.page

        window.open(WHERE)
        role = page.get_by_label("Role ARN")
        expect(role).to_be_hidden()
        page.get_by_label("AWS account").select_option(label="Another account, role or region …")
        expect(role).to_be_visible()
        page.get_by_label("AWS account").select_option(index=0)
        expect(role).to_be_hidden()

        window.open(BY_HAND)
        expect(page.locator("#id_blue_service")).to_be_visible()
        page.locator("#id_controller").select_option("ROLLING")
        expect(page.locator("#id_blue_service")).to_be_hidden()
        expect(page.locator("#id_service")).to_be_visible()
        expect(page.locator("#id_strategy")).to_have_value("ROLLING")

        window.open(group)
        boxes = page.locator(".tg-tick-rows")
        page.get_by_label("Search these").fill("approve or")
        expect(boxes.get_by_role("checkbox")).to_have_count(1)
        expect(boxes.locator(".tg-small-title:visible")).to_have_text(["Gates"])
        page.get_by_label("Search these").fill("gates")
        expect(boxes.get_by_label("Can approve or reject at gates")).to_be_visible()
        expect(boxes.get_by_label("Can add gate", exact=True)).to_be_visible()
        assert window.troubles == []
