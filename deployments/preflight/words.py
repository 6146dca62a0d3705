"""How preflight spells things for people: names out of ARNs, lists and durations."""

from collections.abc import Iterable
from datetime import datetime


def named(arn: str) -> str:
    """The part of an ARN that people know: "shop-blue" of a target group, "shop:7" of a task definition."""
    parts = arn.split(":", 5)[-1].split("/")
    if parts[0] == "loadbalancer" and len(parts) > 2:
        return parts[2]
    return parts[1] if parts[0] == "targetgroup" and len(parts) > 1 else parts[-1]


def who(arn: str) -> str:
    """The role or user behind the ARN of a caller; a session's own name says nothing."""
    kind, _, name = arn.split(":", 5)[-1].partition("/")
    if kind == "assumed-role":
        return f"the role {name.split('/')[0]}"
    return f"the {kind} {name.rsplit('/', 1)[-1]}" if name else arn


def pinned(image: str) -> str:
    """An image with as much of its digest as people compare: "shop@sha256:0123456789ab"."""
    repository, at, digest = image.partition("@")
    return f"{repository}{at}{digest[: len('sha256:') + 12]}"


def as_said(moments: Iterable[datetime], now: datetime, who: str = "IAM") -> str:
    """When the oldest of AWS's answers was given, when some are remembered: ", as IAM said at 12:30:05 UTC"."""
    oldest = min(moments, default=now)
    return f", as {who} said at {oldest:%H:%M:%S} UTC" if oldest < now else ""


def ended(sentence: str) -> str:
    """AWS ends some of its messages with a full stop and others not."""
    return f"{sentence.rstrip(' .')}."


def listed(things: Iterable[str]) -> str:
    *most, last = [*things] or ["none"]
    return f"{', '.join(most)} and {last}" if most else last


def spelled(seconds: float) -> str:
    """ "45 s", "5 min", "1 h 30 min": as exact as people care."""
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 120:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"
