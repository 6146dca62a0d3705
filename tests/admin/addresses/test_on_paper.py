"""Pages that are printed, such as for an audit."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from deployments.delivery.models import Deployment
from tests.admin.addresses.test_by_keys import at
from tests.admin.conftest import Browser as Browse

pytestmark = pytest.mark.browser

DARK = "document.documentElement.classList.contains('dark')"
INK = "getComputedStyle(document.querySelector('.tg-head-title')).color"


def test_what_is_printed_from_the_dark_theme_is_dark_on_white(
    at_gate: Deployment, approver: User, browse: Browse
) -> None:
    with at(browse(approver), f"/deployments/gate/{at_gate.gates.get().pk}/change/") as page:
        ink = page.evaluate(INK)
        page.evaluate("document.documentElement.classList.add('dark')")
        assert page.evaluate(INK) != ink

        page.emulate_media(media="print")
        page.wait_for_function(f"!{DARK}")
        assert page.evaluate(INK) == ink
        expect(page.get_by_role("button", name="Approve", exact=True)).to_be_hidden()

        page.emulate_media(media="screen")
        page.wait_for_function(DARK)
