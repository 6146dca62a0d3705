"""What the deployment's page weighs and how it comes up, state by state, in Chromium on a phone and at a desk.

Weights are compressed as nginx would send them; a browser keeps all but the page itself. Heights are of a phone that is
390 wide. The largest paint and the layout's shifts are what Chromium's own PerformanceObserver tells.
"""

import gzip
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Browser, Page, Response, sync_playwright

from bench.measuring import Result, Table
from bench.running import running
from deployments.vocabulary import Status

if TYPE_CHECKING:
    from bench.shop import Shop
    from deployments.delivery.models import Deployment

SCALE = 60
POLICY = {"canary_percent": 10, "canary_bake_seconds": 20, "bake_seconds": 5, "termination_wait_seconds": 600}
PASSWORD = "demo"  # noqa: S105 (of everybody in the seeded shop)
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 664}, "is_mobile": True, "has_touch": True}
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
OBSERVED = """
() => new Promise(done => {
    const seen = {paint: 0, shift: 0};
    new PerformanceObserver(list => list.getEntries().forEach(e => { seen.paint = e.startTime; }))
        .observe({type: "largest-contentful-paint", buffered: true});
    new PerformanceObserver(list => list.getEntries().forEach(e => { if (!e.hadRecentInput) seen.shift += e.value; }))
        .observe({type: "layout-shift", buffered: true});
    setTimeout(() => done(seen), 1500);
})
"""
#: Besides the deployment's, at what people look first.
OTHERS = {
    "board": "/",
    "gate, decided": "/deployments/gate/{gate}/",
    "deployments": "/deployments/deployment/",
    "releases": "/deployments/release/",
    "gates": "/deployments/gate/",
    "events": "/deployments/event/",
    "environments": "/deployments/environment/",
    "inbox": "/deployments/notice/",
}
#: by a part of the address, whose it is
OWNERS = {"/vendor/uplot/": "chart library", "/unfold/": "theme", "/admin/": "theme", "/tealgate/": "Tealgate's own"}


def main() -> None:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop is not ours
    with running(SCALE, POLICY) as shop, _chromium() as chromium:
        measure(shop, chromium).publish("page")


def measure(shop: "Shop", chromium: Browser) -> Result:
    rows: list[tuple[str | float, ...]] = []
    weights, gate = Counter[str](), None
    with _signed_in(shop, chromium, PHONE) as phone, _signed_in(shop, chromium, DESK) as desk:
        for state, deployment in _states(shop):
            address = f"{shop.stack.url}/deployments/deployment/{deployment.pk}/change/"
            came, measured = _measured(phone, desk, address)
            weights |= came  # the larger: a browser asks for little of it twice
            rows.append((state, *measured))
            gate = deployment.gates.order_by("pk").last()
        others: list[tuple[str | float, ...]] = [
            (name, *_measured(phone, desk, f"{shop.stack.url}{path.format(gate=gate and gate.pk)}")[1])
            for name, path in OTHERS.items()
        ]
    columns = ("px high at 390", "page, kB", "paint, phone", "paint, desk", "shift, phone", "shift, desk")
    kept = [(who, round(size / 1000, 1)) for who, size in sorted(weights.items())]
    return Result.of(
        "Pages: the deployment's by its state, and others",
        [
            Table(("state", *columns), rows),
            Table(("page", *columns), others),
            Table(("kept by the browser", "kB"), kept),
        ],
        [
            "Weights are compressed; the largest paint is in milliseconds.",
            "Wanted: at most 2,000 px, 60 kB for the page with Tealgate's own files, 1,000 ms, a shift of 0.05.",
        ],
    )


def _measured(phone: Page, desk: Page, address: str) -> tuple[Counter[str], tuple[float, ...]]:
    """Bytes by owner, and a row without its name."""
    weights, page = _weighed(desk, address)
    phone.goto(address)
    seen = phone.evaluate(OBSERVED), desk.evaluate(OBSERVED)
    height = int(phone.evaluate("document.documentElement.scrollHeight"))
    paints, shifts = (round(each["paint"]) for each in seen), (round(each["shift"], 3) for each in seen)
    return weights, (height, round(page / 1000, 1), *paints, *shifts)


def _states(shop: "Shop") -> Iterator[tuple[str, "Deployment"]]:
    deployment = shop.swap("CANARY")
    shop.to_the_gate(deployment)
    yield "waits for approval", deployment
    shop.approve(deployment)
    shop.until(deployment, lambda row: row.measurements.filter(requests__isnull=False).exists())
    yield "10 % of traffic", deployment
    shop.until(deployment, lambda row: row.is_warm, within=120)
    yield "kept warm", deployment
    shop.roll_back(deployment)
    shop.finish(deployment, Status.ROLLBACK_SUCCESSFUL)
    yield "rolled back", deployment
    stopped = shop.swap("CANARY")
    shop.to_the_gate(stopped)
    shop.reject(stopped)
    shop.finish(stopped, Status.ROLLBACK_SUCCESSFUL)
    yield "rejected", stopped


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        program = next(path for name in PROGRAMS if (path := shutil.which(name)))
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@contextmanager
def _signed_in(shop: "Shop", chromium: Browser, device: dict[str, Any]) -> Iterator[Page]:
    page = chromium.new_context(**device).new_page()
    page.goto(f"{shop.stack.url}/login/")
    page.get_by_label("Username").fill("manager")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{shop.stack.url}/")
    yield page
    page.close()


def _weighed(page: Page, address: str) -> tuple[Counter[str], int]:
    """Compressed bytes of each owner's files, and of the page itself."""
    came: list[Response] = []

    def heard(response: Response) -> None:
        came.append(response)

    page.on("response", heard)
    answered = page.goto(address, wait_until="load")
    page.remove_listener("response", heard)
    sizes = Counter[str]()
    for response in came:
        owner = next((name for part, name in OWNERS.items() if part in response.url), "")
        if owner and response.ok and not response.url.endswith((".woff2", ".woff")):
            sizes[owner] += len(gzip.compress(response.body(), 6))
    return sizes, len(gzip.compress(answered.body(), 6)) if answered else 0


if __name__ == "__main__":
    main()
