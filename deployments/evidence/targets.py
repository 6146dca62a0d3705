"""Targets of a load balancer and their health, in numbers and in words."""

from collections.abc import Iterable

from deployments.aws.values import Target
from deployments.evidence.measuring import Measured
from deployments.evidence.providers.target_health import TARGET_HEALTH


def of(measured: Measured, side: str | None) -> tuple[Target, ...]:
    """() where they were not looked at."""
    return (measured.of(TARGET_HEALTH) or {}).get(side or "", ())


def healthy(targets: Iterable[Target]) -> int:
    return sum(target.state == "healthy" for target in targets)


def healthy_of(count: int, wanted: int, whose: str) -> str:
    """Such as "1 of 2 targets of new 1.1.0 are healthy"."""
    if wanted == 1:
        return f"{count} of 1 target of {whose} is healthy"
    return f"{count} of {wanted} targets of {whose} are healthy"


def only(count: int, wanted: int, whose: str) -> str:
    """The same where that is too few."""
    if not count:
        return f"No target of {whose} is healthy"
    return f"Only {count} of {wanted} targets of {whose} are healthy"


def describe(targets: Iterable[Target]) -> str:
    """The targets that are not healthy in AWS's words, at most three."""
    registered = [target for target in targets if target.state != "draining"]
    bad = [target for target in registered if target.state != "healthy"]
    if not bad:
        return "all registered targets are healthy" if registered else "no target is registered"
    words = [
        f"{target.id}:{target.port} {target.state}"
        + (f" ({target.description or target.reason})" if target.description or target.reason else "")
        for target in bad[:3]
    ]
    return "; ".join(words) + (f" and {len(bad) - 3} more" if len(bad) > 3 else "")
