"""A page that asks how it looks now, and is answered with something else."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Route, expect

from config import __version__ as VERSION
from deployments.delivery.models import Deployment
from tests.admin.addresses.test_by_keys import at
from tests.admin.conftest import Browser as Browse

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("release", "said"), [("99.0.0", "Tealgate was updated meanwhile. Reload the page."), (VERSION, "")]
)
def test_who_kept_a_page_open_while_tealgate_was_updated_is_told_to_reload(
    release: str, said: str, at_gate: Deployment, approver: User, browse: Browse
) -> None:
    answer = {"unread": 0, "newest": [], "browser": False, "release": release}
    with at(browse(approver), f"/deployments/gate/{at_gate.gates.get().pk}/change/") as page:
        page.route("**/unread/", lambda route: route.fulfill(json=answer))
        with page.expect_response("**/unread/"):
            page.evaluate("document.querySelector('[data-inbox]').dispatchEvent(new Event('read'))")

        expect(page.locator("[data-updated]")).to_have_text(said)
        expect(page.locator("[data-updated]")).to_be_visible(visible=bool(said))


def test_a_page_is_not_told_in_the_language_that_was_chosen_in_another_tab(
    at_gate: Deployment, approver: User, browse: Browse
) -> None:
    def korean(route: Route) -> None:
        page_now = '<div data-region="gate"><p>승인 대기</p></div>'
        route.fulfill(body=page_now, headers={"Content-Language": "ko", "X-Tealgate-Version": "2"})

    with at(browse(approver), f"/deployments/gate/{at_gate.gates.get().pk}/change/") as page:
        page.route("**/live/**", korean)

        expect(page.locator("[data-connection]")).to_have_text("You chose another language meanwhile. Reload the page.")
        expect(page.get_by_role("main")).not_to_contain_text("승인 대기")


@pytest.mark.parametrize("status", [403, 404])
def test_who_may_not_see_it_any_more_is_told_so_and_not_of_a_lost_connection(
    status: int, at_gate: Deployment, approver: User, browse: Browse
) -> None:
    asked = []

    def refused(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=status)

    with at(browse(approver), f"/deployments/gate/{at_gate.gates.get().pk}/change/") as page:
        page.route("**/live/**", refused)
        page.clock.install()
        page.clock.run_for(60_000)

        expect(page.locator("[data-connection]")).to_have_text(
            "You may not see this any more, or it is gone. Reload the page to see why."
        )
        page.clock.run_for(60_000)
        assert len(asked) == 1
