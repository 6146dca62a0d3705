"""What a rule does with a request: forward by weights, answer itself, or redirect.

A share is weight / sum of weights, drawn anew for every request. Nothing moves between target groups
because of health: a group without targets answers 503 for its share.

With target group stickiness a response carries the cookie AWSALBTG, which names the group that answered.
The cookie is followed for as long as it lives and its group is in the action, whatever the weights say by
then.
"""

import base64
import hashlib
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from itertools import accumulate
from typing import Any

from sandbox.clock import Clock
from sandbox.elb.conditions import Request
from sandbox.elb.targets import TargetGroup

COOKIE = "AWSALBTG"
FINAL_ACTIONS = ("forward", "redirect", "fixed-response")


@dataclass(frozen=True)
class Forward:
    groups: Sequence[TargetGroup]
    weights: Sequence[int]
    sticky_seconds: float | None = None

    def choose(self, request: Request) -> TargetGroup | None:
        """The group for this request; None when no group has any weight."""
        if self.sticky_seconds is not None and (pinned := self._pinned(request)) is not None:
            return pinned
        if len(self.groups) == 1:
            return self.groups[0] if self.weights[0] else None
        cumulative = list(accumulate(self.weights))
        if not cumulative or not cumulative[-1]:
            return None
        return random.choices(self.groups, cum_weights=cumulative)[0]

    def cookies(self, group: TargetGroup) -> list[str]:
        """Set-Cookie values; every response extends the time."""
        if self.sticky_seconds is None:
            return []
        expires = time.time() + self.sticky_seconds
        value = base64.urlsafe_b64encode(f"{expires:.3f} {_digest(group)}".encode()).decode()
        when = formatdate(expires, usegmt=True)
        return [
            f"{COOKIE}={value}; Expires={when}; Path=/",
            f"{COOKIE}CORS={value}; Expires={when}; Path=/; SameSite=None; Secure",
        ]

    def _pinned(self, request: Request) -> TargetGroup | None:
        for cookies in request.head.all("cookie"):
            for cookie in cookies.split(";"):
                name, _, value = cookie.strip().partition("=")
                if name == COOKIE:
                    return self._decode(value)
        return None

    def _decode(self, value: str) -> TargetGroup | None:
        try:
            expires, _, digest = base64.urlsafe_b64decode(value.encode()).decode().partition(" ")
            if float(expires) < time.time():
                return None
        except ValueError:
            return None
        return next((group for group in self.groups if _digest(group) == digest), None)


@dataclass(frozen=True)
class FixedResponse:
    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Redirect:
    status: int
    protocol: str
    host: str
    port: str
    path: str
    query: str

    def location(self, request: Request, *, protocol: str, port: int) -> str:
        """The address to go to, with #{protocol}, #{host}, #{port}, #{path} and #{query} filled in."""

        def fill(template: str) -> str:
            for name, value in parts.items():
                template = template.replace(f"#{{{name}}}", value)
            return template

        parts = {
            "protocol": protocol.lower(),
            "host": request.host,
            "port": str(port),
            "path": request.path.removeprefix("/"),
            "query": request.query,
        }
        scheme, query = fill(self.protocol).lower(), fill(self.query)
        location = f"{scheme}://{fill(self.host)}:{fill(self.port)}{fill(self.path)}"
        return f"{location}?{query}" if query else location


Action = Forward | FixedResponse | Redirect


def compile_action(actions: Sequence[Mapping[str, Any]], groups: Mapping[str, TargetGroup], clock: Clock) -> Action:
    """The action that ends the list; authenticate-* before it is not carried out on one machine."""
    last = next(action for action in actions if action["Type"] in FINAL_ACTIONS)
    if last["Type"] == "fixed-response":
        fixed = last["FixedResponseConfig"]
        body = (fixed.get("MessageBody") or "").encode()
        return FixedResponse(int(fixed["StatusCode"]), fixed.get("ContentType") or "text/plain", body)
    if last["Type"] == "redirect":
        return _redirect(last["RedirectConfig"])
    return _forward(last, groups, clock)


def _redirect(config: Mapping[str, Any]) -> Redirect:
    return Redirect(
        status=int(config["StatusCode"].removeprefix("HTTP_")),
        protocol=config.get("Protocol") or "#{protocol}",
        host=config.get("Host") or "#{host}",
        port=config.get("Port") or "#{port}",
        path=config.get("Path") or "/#{path}",
        query=config.get("Query", "#{query}"),
    )


def _forward(action: Mapping[str, Any], groups: Mapping[str, TargetGroup], clock: Clock) -> Forward:
    config = action.get("ForwardConfig") or {"TargetGroups": [{"TargetGroupArn": action["TargetGroupArn"]}]}
    shares = [share for share in config["TargetGroups"] if share["TargetGroupArn"] in groups]
    stickiness = config.get("TargetGroupStickinessConfig") or {}
    return Forward(
        groups=[groups[share["TargetGroupArn"]] for share in shares],
        weights=[int(share.get("Weight", 1)) for share in shares],
        sticky_seconds=(
            clock.seconds(float(stickiness.get("DurationSeconds") or 3600)) if stickiness.get("Enabled") else None
        ),
    )


def _digest(group: TargetGroup) -> str:
    return hashlib.sha256(group.arn.encode()).hexdigest()[:32]
