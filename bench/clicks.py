"""From a click to the changed weight: how long people wait for AWS after Approve and after Roll back.

And from an alarm to the changed weight, while people think at a gate and the release has 10 % of production.

A click is what a browser sends: the form of the deployment's page, its CSRF token and the session cookie, to
gunicorn. The weight is the one that the listener goes by, looked at every 5 ms from here.
"""

import argparse
import http.client
import json
import re
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

import httpx

from bench.measuring import Result, Table, percentile
from bench.running import EVENTS_QUEUE, running
from deployments.vocabulary import Stage, Status
from tests.stack import wait_for

if TYPE_CHECKING:
    from bench.shop import Shop
    from deployments.delivery.models import Deployment

SCALE = 60
LOOK_EVERY = 0.005
PASSWORD = "demo"  # of everybody in the seeded shop
POLICY = {
    "canary_percent": 10,
    "canary_bake_seconds": 60,
    "bake_seconds": 60,
    "termination_wait_seconds": 60,
}
TARGETS = {"Approve": 0.5, "Roll back": 1.0}
#: The sandbox evaluates its alarms once in this many seconds, a minute of AWS's, at the beginning of each.
EVALUATED_EVERY = 60 / SCALE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    runs: int = parser.parse_args().runs
    with running(SCALE, POLICY, EVENTS_QUEUE) as shop:
        measure(shop, runs).publish("clicks")


@dataclass(frozen=True)
class Click:
    answered: float
    weighed: float


def measure(shop: "Shop", runs: int) -> Result:
    clicks: dict[str, list[Click]] = {name: [] for name in TARGETS}
    with Person(shop.stack.url, "approver") as approver, Person(shop.stack.url, "manager") as manager:
        for number in range(runs):
            deployment = shop.swap(("CANARY", "BLUE_GREEN")[number % 2])
            shop.to_the_gate(deployment)
            gate, percent = deployment.gates.open().get(), (10, 100)[number % 2]
            verdict = {"verdict": "approve", "comment": "looks good"}
            page = f"/deployments/deployment/{deployment.pk}"
            with Watch(shop, deployment) as watch:
                form = approver.ready(f"{page}/change/", f"{page}/gates/{gate.pk}/", verdict)
                clicks["Approve"].append(watch.click(approver, form, percent))
                form = manager.ready(f"{page}/do/roll-back/", f"{page}/do/roll-back/", {"reason": ""})
                time.sleep(0.5)
                clicks["Roll back"].append(watch.click(manager, form, 0))
            shop.finish(deployment, Status.ROLLBACK_SUCCESSFUL)
    alarms = [_alarm_to_weight(shop) for _ in range(runs)]
    return Result.of(
        "From a click to the changed weight",
        [
            Table(
                ("milliseconds from a click until", "runs", "p50", "p95", "max", "p95 wanted"),
                [row for name in TARGETS for row in _rows(name, clicks[name])],
            ),
            Table(
                ("milliseconds from ALARM until", "runs", "p50", "p95", "max"),
                [_row("at a gate at 10 %: the weight has changed", alarms, "")[:-1]],
            ),
        ],
        [
            "A click is the form of the page sent to gunicorn over HTTP, with session and CSRF token. The weight is "
            f"the listener's own, looked at every {LOOK_EVERY * 1000:.0f} ms from another process.",
            "Half of the runs are canaries (10 %), half are BLUE_GREEN (100 %); each is rolled back half a second "
            "after its weight changed. One web process, four worker processes, the queue in SQLite.",
            "ALARM is the answer of SetAlarmState; the rest is EventBridge, SQS and the worker that listens.",
            "The sandbox stands in for AWS on the same machine: with AWS, add the time its calls on this path take.",
        ],
    )


def _alarm_to_weight(shop: "Shop") -> float:
    place = shop.environment()
    shop.change(place, canary_bake_seconds=1)
    place.gate_policies.update(stage=Stage.PRODUCTION_TRAFFIC_SHIFT, percent=10)
    deployment = shop.swap("CANARY")
    shop.to_the_gate(deployment)
    wait_for(lambda: "AWS tells" in shop.reload(deployment).waiting_for)
    with Watch(shop, deployment) as watch:
        cloudwatch = shop.aws("cloudwatch")
        # What is set lasts until the alarm is evaluated.
        time.sleep(EVALUATED_EVERY - time.time() % EVALUATED_EVERY + 0.1 * EVALUATED_EVERY)
        cloudwatch.set_alarm_state(AlarmName=place.alarms.strip(), StateValue="ALARM", StateReason="measured")
        seconds = watch.until(0, time.monotonic())
    shop.finish(deployment, Status.ROLLBACK_SUCCESSFUL)
    return seconds


def _rows(name: str, clicks: list[Click]) -> list[tuple[str, int, int, int, int, str]]:
    return [
        _row(f"{name}: the page answers", [click.answered for click in clicks], ""),
        _row(f"{name}: the weight has changed", [click.weighed for click in clicks], f"< {TARGETS[name] * 1000:.0f}"),
    ]


def _row(what: str, seconds: list[float], wanted: str) -> tuple[str, int, int, int, int, str]:
    half, most, worst = (
        round(1000 * each) for each in (percentile(seconds, 50), percentile(seconds, 95), max(seconds))
    )
    return what, len(seconds), half, most, worst, wanted


class Person:
    """Somebody signed in with a browser."""

    def __init__(self, url: str, username: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=30)
        self._username = username

    def __enter__(self) -> Self:
        form = {"username": self._username, "password": PASSWORD}
        answer = self._client.send(self.ready("/login/", "/login/", form))
        if answer.status_code != 302:
            raise RuntimeError(f"{self._username} could not sign in: {answer.status_code}")
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def open(self, page: str) -> None:
        answer = self._client.get(page)
        if answer.status_code != 200:
            raise RuntimeError(f"{page}: {answer.status_code}")

    def ready(self, page: str, action: str, form: dict[str, str]) -> httpx.Request:
        """The page is open and the form filled in: all but the click."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self._client.get(page).text)
        if token is None:
            raise RuntimeError(f"{page} has no form for {self._username}")
        return self._client.build_request("POST", action, data={**form, "csrfmiddlewaretoken": token[1]})

    def click(self, request: httpx.Request) -> None:
        status = self.send(request)
        if status != 302:
            raise RuntimeError(f"{request.url}: {status}")

    def send(self, request: httpx.Request) -> int:
        return self._client.send(request).status_code

    def look_at(self, page: str) -> int:
        return self._client.get(page).status_code


class Watch:
    """The target's share of the production listener, looked at all the time in a thread of its own."""

    def __init__(self, shop: "Shop", deployment: "Deployment") -> None:
        world = shop.stack.sandbox("world")["environments"]["production"]
        self._listener = world["production_listener"]
        self._target = world["target_groups"][deployment.target_slot]
        self._address = shop.stack.sandbox_url.removeprefix("http://")
        self._ends = threading.Event()
        self._percent, self._changed_at = -1.0, 0.0
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        wait_for(lambda: self._percent >= 0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ends.set()
        self._thread.join()

    def click(self, person: Person, form: httpx.Request, percent: int) -> Click:
        """Send it and wait until the target has this share."""
        began = time.monotonic()
        person.click(form)
        answered = time.monotonic()
        return Click(answered - began, self.until(percent, began))

    def until(self, percent: int, began: float) -> float:
        """Seconds from then until the target has this share."""
        wait_for(lambda: self._percent == percent)
        return self._changed_at - began

    def _look(self) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=10)
        while not self._ends.is_set():
            connection.request("GET", "/_sandbox/listeners")
            listeners = json.load(connection.getresponse())["listeners"]
            weights = next(one["Weights"] for one in listeners if one["ListenerArn"] == self._listener)
            percent = 100 * weights[self._target] / sum(weights.values())
            if percent != self._percent:
                self._changed_at, self._percent = time.monotonic(), percent
            time.sleep(LOOK_EVERY)
        connection.close()


if __name__ == "__main__":
    main()
