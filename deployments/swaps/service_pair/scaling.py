"""Application Auto Scaling during a swap: the idle slot is suspended, the live one as its owner has set it."""

from dataclasses import replace

from deployments.aws.actions import SuspendScaling
from deployments.aws.values import ScalableTarget
from deployments.swaps.decisions import Act, Note
from deployments.swaps.service_pair import marks
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.swaps.service_pair.reading import resource_id
from deployments.vocabulary import Slot


def set_scaling(snapshot: Snapshot, observed: Observed, slot: Slot, *, suspended: bool, mark: str) -> Act | None:
    """The write that makes it so, or None when there is nothing to scale or it is so already."""
    target = observed.scaling.get(slot)
    if target is None or marks.done(snapshot, mark):
        return None
    kept = () if suspended else snapshot.facts.owner_suspended
    action = SuspendScaling(resource_id=resource_id(snapshot, slot), suspended=suspended, kept=kept)
    if _is_so(target, action) and not marks.in_flight(snapshot, action):
        return None
    name = snapshot.service(slot)
    return Act(
        reason=f"Autoscaling of {name} suspended" if suspended else f"Autoscaling of {name} resumed",
        action=action,
        mark=mark,
    )


def note_owners(snapshot: Snapshot, observed: Observed) -> Note | None:
    """What the owner has suspended of the live service, before it is handed from one slot to the other."""
    source, _ = marks.slots(snapshot)
    seen = observed.scaling.get(source)
    if seen is None or not seen.suspensions or snapshot.facts.owner_suspended or may_be_ours(snapshot, source):
        return None
    names = ", ".join(kind.removesuffix("Suspended") for kind in seen.suspensions)
    return Note(
        reason=f"{snapshot.service(source)} has {names} suspended; that goes with the traffic",
        facts=replace(snapshot.facts, owner_suspended=seen.suspensions),
    )


def may_be_ours(snapshot: Snapshot, slot: Slot) -> bool:
    """Whether we have suspended this slot's scaling when it lost the traffic."""
    return marks.done(snapshot, f"scaling:{slot.value}") or marks.may_have_happened(snapshot, "SuspendScaling")


def _is_so(target: ScalableTarget, action: SuspendScaling) -> bool:
    if action.suspended or not action.kept:
        return target.suspended == action.suspended
    return {*target.suspensions} == {*action.kept}
