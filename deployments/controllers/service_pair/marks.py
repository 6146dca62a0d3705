"""Marks in facts["done"]: which writes are known to have happened, and which slots are known."""

from deployments.controllers.decisions import Snapshot
from deployments.vocabulary import Slot


def done(snapshot: Snapshot, name: str) -> bool:
    return name in snapshot.facts.get("done", ())


def mark(snapshot: Snapshot, name: str) -> list[str]:
    """facts["done"] with one more."""
    return [*snapshot.facts.get("done", ()), name]


def slots(snapshot: Snapshot) -> tuple[Slot, Slot]:
    """(source, target); known from RECONCILE_SERVICE on."""
    if snapshot.source is None or snapshot.target is None:
        raise ValueError("the slots are not known yet, so nothing can have been changed")
    return snapshot.source, snapshot.target
