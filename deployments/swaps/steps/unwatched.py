"""Time in which nobody looked, where AWS counts by itself: it went on meanwhile. That is said, and made up for.

A limit of ours waits for whoever looks (`Facts.after`). A bake of ECS's or CodeDeploy's does not; what of it nobody
watched proves nothing, so once AWS is done the watch goes on for as long as was promised.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from deployments.swaps.decisions import Advance, Decision, Fail, Snapshot, Wait
from deployments.swaps.facts import Facts
from deployments.vocabulary import Stage
from deployments.words import clock_words, full_stop

#: A gap that ended so long ago may explain what is seen now; AWS went past whole steps in it, too.
JUST_NOW = timedelta(seconds=20)


def counted_from(facts: Facts, at: datetime) -> datetime:
    """From when a limit of ours counts that began `at`, a time that is needed as it was, too."""
    gap = facts.unwatched
    return at + gap.length if gap and gap.since >= at else at


def make_up(snapshot: Snapshot[Facts], who: str, seen: str, now: datetime, *, seconds: int) -> Wait | None:
    """While what AWS baked in `seconds` was not watched for so long; None when it was. `who` has ended the bake."""
    gap = snapshot.facts.unwatched
    if gap is None or gap.until < snapshot.step_started_at - JUST_NOW:
        return None
    until = snapshot.step_started_at + timedelta(seconds=seconds or _of_the_rungs(snapshot))
    if now >= until:
        return None
    told = f"{who} has ended its bake, and nobody watched {gap}: watching until {clock_words(until, now)} UTC"
    return Wait(reason=f"{told}: {seen}", at_most=until)


def said(snapshot: Snapshot[Facts], decision: Decision, now: datetime) -> Decision:
    """The decision, with the gap in the step that ends by it."""
    gap = snapshot.facts.unwatched
    if gap is None or gap.until < snapshot.step_started_at:
        return decision
    if isinstance(decision, Advance):
        return replace(decision, reason=f"{decision.reason.rstrip('.')}; not watched {gap}")
    if isinstance(decision, Fail) and now - gap.until < JUST_NOW:
        return replace(decision, reason=f"{full_stop(decision.reason)} Nobody had looked {gap}.")
    return decision


def _of_the_rungs(snapshot: Snapshot[Facts]) -> int:
    """Where nothing is baked at the end, AWS went through these without anybody."""
    return sum(step.bake_seconds for step in snapshot.steps if step.stage == Stage.PRODUCTION_TRAFFIC_SHIFT)
