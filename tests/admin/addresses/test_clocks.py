"""Pages in a browser whose clock is wrong."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from deployments.delivery.models import Deployment
from tests.admin.addresses.seen import Window
from tests.admin.conftest import Browser as Browse
from tests.browser.chromium import launched

pytestmark = pytest.mark.browser

#: As of a laptop whose clock is not set by any server.
OFF = """
([milliseconds]) => {
    const Right = Date, now = () => Right.now() + milliseconds;
    window.Date = class extends Right {
        constructor(...given) { super(...(given.length ? given : [now()])); }
        static now() { return now(); }
    };
    const origin = performance.timeOrigin + milliseconds;
    Object.defineProperty(performance, "timeOrigin", { get: () => origin });
}
"""


@pytest.mark.parametrize("off", [timedelta(minutes=-50), timedelta(0), timedelta(minutes=90)])
def test_a_reader_whose_clock_is_wrong_sees_the_time_that_is_left(
    off: timedelta, at_gate: Deployment, approver: User, browse: Browse
) -> None:
    path = f"/deployments/gate/{at_gate.gates.get().pk}/change/"
    pages = {path: browse(approver).get(path)}
    with launched() as chromium:
        window = Window(chromium, pages)
        window.page.add_init_script(f"({OFF})([{off.total_seconds() * 1000}])")
        window.open(path)

        # of an hour that the gate is open for
        expect(window.page.locator("[data-countdown]")).to_have_text(re.compile(r"^5\d:\d\d$"))
        expect(window.page.locator("time[data-ago]").first).to_have_text(re.compile(r"^\d+ s ago$"))
