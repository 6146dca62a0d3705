"""What the targets of a release that starts answered, for the day it fails to start."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws.values import Target
from deployments.evidence import targets as health
from deployments.swaps.decisions import Known, Snapshot
from deployments.swaps.facts import Facts
from deployments.words import duration_words


def remembered(facts: Known, targets: Iterable[Target]) -> Known:
    """With what to keep while a release starts: ECS replaces an unhealthy task, and later nothing is left to see."""
    seen = tuple(targets)
    unhealthy = any(each.state == "unhealthy" for each in seen)
    return replace(facts, last_unhealthy=health.describe(seen)) if unhealthy else facts


def late(
    snapshot: Snapshot[Facts], targets: Iterable[Target], now: datetime, *, seen: str, since: datetime | None = None
) -> str:
    """Why a release that starts has taken too long, without a full stop; "" while it has time.

    `since`: from when on its time counts, where something else held it up before.
    """
    seconds = snapshot.settings.scale_up_timeout_seconds
    if now - max(snapshot.step_started_at, since or snapshot.step_started_at) <= timedelta(seconds=seconds):
        return ""
    answered = tuple(targets)
    why = last_unhealthy(snapshot.facts, answered) or health.describe(answered)
    return f"{snapshot.artefact.version} was not ready after {duration_words(seconds)}: {seen}; {why}"


def last_unhealthy(facts: Facts, targets: Iterable[Target]) -> str:
    """What the targets of a release that starts answer, or answered when one was last seen unhealthy; "" if never."""
    return remembered(facts, targets).last_unhealthy
