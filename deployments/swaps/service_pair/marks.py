"""Marks of which writes are known to have happened, and which slots are known."""

from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.steps.marks import any_but, any_of, done, in_flight, may_have_happened, of_try
from deployments.vocabulary import Slot

__all__ = ["any_but", "any_of", "done", "in_flight", "may_have_happened", "of_try", "slots"]


def slots(snapshot: Snapshot) -> tuple[Slot, Slot]:
    """(source, target); known from RECONCILE_SERVICE on."""
    if snapshot.source is None or snapshot.target is None:
        raise ValueError("the slots are not known yet, so nothing can have been changed")
    return snapshot.source, snapshot.target
