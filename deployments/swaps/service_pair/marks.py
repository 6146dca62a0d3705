"""Marks of which writes are known to have happened, and which slots are known."""

from deployments.swaps.decisions import Snapshot
from deployments.swaps.steps.marks import done, in_flight, mark, may_have_happened
from deployments.vocabulary import Slot

__all__ = ["done", "in_flight", "mark", "may_have_happened", "slots"]


def slots(snapshot: Snapshot) -> tuple[Slot, Slot]:
    """(source, target); known from RECONCILE_SERVICE on."""
    if snapshot.source is None or snapshot.target is None:
        raise ValueError("the slots are not known yet, so nothing can have been changed")
    return snapshot.source, snapshot.target
