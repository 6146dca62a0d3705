"""Which writes are known to have happened, and which may have; the same for every controller.

A write gets its mark by `Act.mark`, anything else that is done once by `facts.marked`.
"""

from dataclasses import replace

from deployments.aws.actions import Action, Made
from deployments.swaps.decisions import Act, Snapshot
from deployments.swaps.facts import Facts


def done(snapshot: Snapshot[Facts], *names: str) -> bool:
    """Whether one of these is."""
    return any(name in snapshot.facts.done for name in names)


def of_try(snapshot: Snapshot[Facts], name: str) -> str:
    """Each try of the way back has marks of its own, so that a second one does everything again."""
    return f"{name}#{snapshot.attempt}"


def any_but(snapshot: Snapshot[Facts], *beginnings: str) -> bool:
    """Whether something is done whose mark does not begin like that."""
    return any(not name.startswith(beginnings) for name in snapshot.facts.done)


def any_of(snapshot: Snapshot[Facts], beginning: str) -> bool:
    return any(name.startswith(beginning) for name in snapshot.facts.done)


def in_flight(snapshot: Snapshot[Facts], action: Action) -> bool:
    """Whether this very write was about to be made when the last pass ended: it may have happened."""
    return snapshot.intent == action.as_json()


def unheard(snapshot: Snapshot[Facts], act: Act) -> Act | None:
    """The same act with nothing written, if this very write was under way and makes no sense any more."""
    return replace(act, found=Made()) if in_flight(snapshot, act.action) else None


def may_have_happened(snapshot: Snapshot[Facts], *operations: str) -> bool:
    """Whether such a write was under way when the deployment was turned back, or is now: nobody heard its end."""
    unsure = [snapshot.intent or {}, *snapshot.facts.in_flight]
    return any(write.get("operation") in operations for write in unsure)
