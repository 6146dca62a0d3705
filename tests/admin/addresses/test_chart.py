"""The chart of a deployment in a browser, with figures that no shop of ours has."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from deployments.delivery.models import Deployment, Measurement
from deployments.vocabulary import Slot
from tests.admin.addresses.seen import Window
from tests.admin.conftest import Browser as Browse
from tests.browser.chromium import launched

pytestmark = pytest.mark.browser

#: What is written on the canvases, and where it begins.
WRITTEN = """
window.written = [];
const fill = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const width = this.measureText(text).width;
    window.written.push([text, x - (this.textAlign === "right" ? width : this.textAlign === "center" ? width / 2 : 0)]);
    return fill.call(this, text, x, y);
};
"""


@contextmanager
def charted(deployment: Deployment, person: User, browse: Browse, **figures: float) -> Iterator[Page]:
    """Of so much in each ten seconds, on both sides."""
    assert deployment.started_at
    Measurement.objects.filter(deployment=deployment).delete()
    for n in range(1, 5):
        for slot in Slot:
            counted = {name: value * n if name != "latency_ms" else value for name, value in figures.items()}
            at = deployment.started_at + timedelta(seconds=10 * n)
            Measurement.objects.create(
                deployment=deployment, slot=slot, at=at, percent=50, healthy=2, targets=2, **counted
            )
    path = f"/deployments/deployment/{deployment.pk}/change/"
    pages = {path: browse(person).get(path)}
    with launched() as chromium:
        window = Window(chromium, pages)
        window.page.add_init_script(WRITTEN)
        window.open(path)
        expect(window.page.locator("#chart canvas")).to_have_count(4)
        yield window.page
        assert window.troubles == []


def test_no_figure_on_an_axis_is_cut_off(shifting: Deployment, outsider: User, browse: Browse) -> None:
    large = {"requests": 25_000_000, "errors_5xx": 0, "latency_ms": 61_000}

    with charted(shifting, outsider, browse, **large) as page:
        page.wait_for_function("window.written.some(([text]) => text === '2M')")
        written = page.evaluate("window.written")

        assert [text for text, begins in written if begins < 0] == []
        assert "50 s" in [text for text, _ in written]


def test_a_few_failures_of_very_many_are_not_none(shifting: Deployment, outsider: User, browse: Browse) -> None:
    shifting.settings["max_5xx_percent"] = 0.25
    shifting.save(update_fields=["settings"])
    few = {"requests": 100_000, "errors_5xx": 4, "latency_ms": 12.5}

    with charted(shifting, outsider, browse, **few) as page:
        page.wait_for_function("window.written.some(([text]) => text === 'limit 0.25\u00a0%')")
        page.locator("#chart").focus()
        page.keyboard.press("End")

        expect(page.locator("#chart-read")).to_contain_text("5xx answers: old <0.01\u00a0%, new <0.01\u00a0%")


def test_keys_read_also_what_is_not_shown_at_first(shifting: Deployment, outsider: User, browse: Browse) -> None:
    """Such as the end of the plan."""
    with charted(shifting, outsider, browse, requests=100, errors_5xx=0, latency_ms=12.5) as page:
        page.locator("#chart").focus()
        page.keyboard.press("End")

        expect(page.locator("#chart-read")).to_contain_text("planned 100\u00a0%")
