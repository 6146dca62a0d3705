"""The watch over two slots: what it watches, and what is kept of a look."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from deployments.aws.listeners import load_balancer_of
from deployments.aws.protocol import Gateway
from deployments.aws.values import Rule
from deployments.evidence import Measured, Reading, Watched, kept, measure, verdict
from deployments.evidence.providers.target_health import TARGET_HEALTH
from deployments.swaps import documents
from deployments.swaps.decisions import Snapshot
from deployments.swaps.facts import Facts, TwoSlotFacts
from deployments.swaps.steps import called, gate_evidence
from deployments.vocabulary import Slot


class Look(Protocol):
    """The part that every controller with two slots observes; None or empty means: not read."""

    @property
    def production(self) -> Rule | None: ...
    @property
    def measured(self) -> Measured: ...


def watched(snapshot: Snapshot[TwoSlotFacts], desired: int | None = None) -> Watched:
    """`desired`: how many tasks AWS wants of the release now; None: not known, so its targets are not judged."""
    return Watched(
        settings=snapshot.settings,
        release=snapshot.target.value if snapshot.target else "",
        names=called.by_side(snapshot),
        load_balancer=load_balancer_of(snapshot.settings.production_rule),
        target_groups={slot.value: snapshot.target_group(slot) for slot in Slot},
        wanted=wanted(snapshot.facts, desired),
        service=snapshot.settings.service_name,
        task_definition=snapshot.facts.task_definition,
        healthy_at=snapshot.facts.healthy_at,
        since=snapshot.facts.shifted_at,
    )


def comparable(watched: Watched, snapshot: Snapshot[TwoSlotFacts], rule: Rule | None) -> Watched:
    """With the release's share, where requests spread by it: not where clients stay with the slot they had."""
    sticky = rule is None or rule.stickiness_seconds
    return watched if sticky else replace(watched, percent=snapshot.facts.percent)


def wanted(facts: Facts, desired: int | None) -> int | None:
    """How many healthy targets are expected: tasks that a scale-out has just asked for are on their way."""
    return None if desired is None else min(desired, facts.desired or desired)


def health_of(snapshot: Snapshot[TwoSlotFacts], slot: Slot | None, gateway: Gateway, now: datetime) -> Measured:
    """Of one slot that is not judged yet, or not any more; nothing is asked when it is not known."""
    if slot is None:
        return Measured()
    alone = replace(watched(snapshot), target_groups={slot.value: snapshot.target_group(slot)})
    return measure(alone, gateway, now, (TARGET_HEALTH,))


def seen(snapshot: Snapshot[TwoSlotFacts], look: Look) -> str:
    """What was measured, in words."""
    return verdict.summary(watched(snapshot), look.measured)


def target(snapshot: Snapshot[TwoSlotFacts]) -> Slot:
    """Raises ValueError before the live slot was read."""
    if snapshot.target is None:
        raise ValueError("the slots are not known yet")
    return snapshot.target


def readings(snapshot: Snapshot[TwoSlotFacts], look: Look) -> Mapping[Slot, Reading]:
    """One Reading a slot that was looked at."""
    if not look.measured.answers:
        return {}
    rule, kept_of = look.production, kept.readings(watched(snapshot), look.measured)
    return {
        slot: replace(kept_of[slot], percent=rule.share(snapshot.target_group(slot)) if rule else None)
        for slot in Slot
        if slot in kept_of
    }


def evidence(snapshot: Snapshot[TwoSlotFacts], look: Look, now: datetime, **found: str) -> dict[str, Any]:
    """Frozen at the moment a gate opens, with what a controller `found` besides."""
    rule = look.production
    return {
        **gate_evidence.collect(snapshot, watched(snapshot), look.measured, now, snapshot.facts.healthy_at),
        "weights": {slot.value: rule.share(snapshot.target_group(slot)) for slot in Slot} if rule else {},
        "smoke": documents.write(snapshot.facts.smoke),
        **found,
    }
