"""A deployment as the API shows it, for servers that are none, and a clock that nobody waits for."""

import json
import time
from typing import Any

from tests.outbound.web_server import Web

#: Where it is asked for and looked at.
ASKED, LOOKED_AT = "/api/v1/environments/shop/production/deployments", "/api/v1/deployments/7"


def stage(name: str, state: str, **changes: Any) -> dict[str, Any]:
    about = {"title": name.replace("_", " ").capitalize(), "summary": "", "detail": "", "asks": ""}
    return {"stage": name, "state": state, **about, **changes}


def deployment(**changes: Any) -> dict[str, Any]:
    usual = {
        "id": 7, "application": "shop", "environment": "production", "version": "1.1.0", "status": "IN_PROGRESS",
        "stage": "SCALE_UP", "percent": 0.0, "seen": "a", "headline": "1 of 2 tasks are healthy.", "place": "",
        "is_finished": False, "is_live": None, "not_live": "", "gate": None, "kept_until": None,
        "requested_by": "shop-ci", "reason": "merged", "way_back": [],
        "stages": [stage("SCALE_UP", "running"), stage("BAKE_TIME", "planned")],
    }  # fmt: skip
    return {**usual, **changes}


def live(**changes: Any) -> dict[str, Any]:
    return deployment(status="SUCCESSFUL", is_finished=True, is_live=True, percent=100.0, seen="z", **changes)


def answer(
    said: Any, status: int = 200, kind: str = "application/json", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return status, {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}, body


def going(**changes: Any) -> Web:
    """It was asked for, and whoever waits gets no answer."""
    return Web(answers={ASKED: answer(deployment(**changes), 201)})


class Clock:
    """Stands in for `time`: it goes on when somebody sleeps."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    def time(self) -> float:
        return time.time() + self._ahead

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._ahead += seconds
