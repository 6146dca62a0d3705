"""What the targets of a release that starts answered, for the day it fails to start."""

from collections.abc import Iterable
from dataclasses import replace

from deployments.aws.values import Target
from deployments.evidence import targets as health
from deployments.swaps.decisions import Known
from deployments.swaps.facts import Facts


def remembered(facts: Known, targets: Iterable[Target]) -> Known:
    """With what to keep while a release starts: ECS replaces an unhealthy task, and later nothing is left to see."""
    seen = tuple(targets)
    unhealthy = any(each.state == "unhealthy" for each in seen)
    return replace(facts, last_unhealthy=health.describe(seen)) if unhealthy else facts


def last_unhealthy(facts: Facts, targets: Iterable[Target]) -> str:
    """What the targets of a release that starts answer, or answered when one was last seen unhealthy; "" if never."""
    return remembered(facts, targets).last_unhealthy
