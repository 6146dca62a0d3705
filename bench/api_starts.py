"""From a request to the worker that begins with it: by the API beside a click."""

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import httpx

from bench.clicks import Person
from bench.measuring import Table, percentile
from deployments.vocabulary import Status

if TYPE_CHECKING:
    from bench.shop import Shop
    from deployments.delivery.models import Deployment

LOOK_EVERY = 0.002
STRATEGY = "BLUE_GREEN"


def measure(shop: "Shop", runs: int) -> Table:
    (secret,) = shop.tokens(1, "read", "deployments:write")
    found: dict[str, list[float]] = {"the page": [], "the API": []}
    headers = {"Authorization": f"Bearer {secret}"}
    with Person(shop.stack.url, "manager") as manager, httpx.Client(base_url=shop.stack.url, headers=headers) as ci:
        for _ in range(runs):
            form = _form(shop, manager)
            found["the page"].append(_until_started(shop, partial(manager.click, form)))
            found["the API"].append(_until_started(shop, partial(_ask, shop, ci)))
    return Table(
        ("milliseconds from a request until a worker has begun", "runs", "p50", "p95", "max"),
        [
            (f"by {name}", len(each), *(round(1000 * percentile(each, share)) for share in (50, 95, 100)))
            for name, each in found.items()
        ],
    )


def _form(shop: "Shop", manager: Person) -> httpx.Request:
    """The plan is on the page and the reason filled in."""
    from deployments.delivery import requests

    environment, release = shop.environment(), shop.other_release()
    page = f"/deployments/deployment/preview/?release={release.pk}&environment={environment.pk}&strategy={STRATEGY}"
    form = {
        "release": str(release.pk), "environment": str(environment.pk), "strategy": STRATEGY, "reason": "measure it",
        "kind": "NORMAL", "fingerprint": requests.fingerprint(environment, STRATEGY),
    }  # fmt: skip
    return manager.ready(page, "/deployments/deployment/preview/", form)


def _ask(shop: "Shop", ci: httpx.Client) -> None:
    body = {"version": shop.other_release().version, "strategy": STRATEGY, "reason": "measure it"}
    answer = ci.post("/api/v1/environments/storefront/production/deployments", json=body)
    if answer.status_code != 201:
        raise RuntimeError(answer.text)


def _until_started(shop: "Shop", ask: Callable[[], None]) -> float:
    """Seconds; what was asked for is stopped then."""
    before = shop.newest()
    began = time.monotonic()
    ask()
    while (made := shop.newest()) == before or made is None or made.started_at is None:
        if time.monotonic() - began > 30:
            raise TimeoutError("nothing was begun within 30 s")
        time.sleep(LOOK_EVERY)
    took = time.monotonic() - began
    _stop(shop, made)
    return took


def _stop(shop: "Shop", deployment: "Deployment") -> None:
    shop.stop(deployment)
    ends = (Status.STOPPED, Status.ROLLBACK_SUCCESSFUL)
    deadline = time.monotonic() + 60
    while shop.reload(deployment).status not in ends:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{deployment} does not end: {deployment.status}")
        time.sleep(0.05)
