"""What the targets of a release that starts answered, for the day it fails to start."""

from collections.abc import Iterable, Mapping
from typing import Any

from deployments.aws.values import Target
from deployments.evidence import targets as health


def remembered(targets: Iterable[Target]) -> dict[str, str]:
    """Facts to keep while a release starts: ECS replaces an unhealthy task, and nothing may be left to see later."""
    seen = tuple(targets)
    return {"last_unhealthy": health.describe(seen)} if any(each.state == "unhealthy" for each in seen) else {}


def last_unhealthy(facts: Mapping[str, Any], targets: Iterable[Target]) -> str:
    """What the targets of a release that starts answer, or answered when one was last seen unhealthy; "" if never."""
    return str({**facts, **remembered(targets)}.get("last_unhealthy", ""))
