"""Marks in facts["done"]: which writes are known to have happened; the same for every controller."""

from deployments.aws.actions import Action
from deployments.swaps.decisions import Snapshot


def done(snapshot: Snapshot, name: str) -> bool:
    return name in snapshot.facts.get("done", ())


def mark(snapshot: Snapshot, name: str) -> list[str]:
    """facts["done"] with one more."""
    return [*snapshot.facts.get("done", ()), name]


def in_flight(snapshot: Snapshot, action: Action) -> bool:
    """Whether this very write was about to be made when the last pass ended: it may have happened."""
    return snapshot.intent == action.as_json()


def may_have_happened(snapshot: Snapshot, *operations: str) -> bool:
    """Whether such a write was under way when the deployment was turned back, or is now: nobody heard its end."""
    unsure = [snapshot.intent or {}, *snapshot.facts.get("in_flight", ())]
    return any(write.get("operation") in operations for write in unsure)
