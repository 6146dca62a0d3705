"""Application Auto Scaling during a swap: the idle slot is suspended, the live one active."""

from deployments.aws.actions import SuspendScaling
from deployments.swaps.decisions import Act
from deployments.swaps.service_pair import marks
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.observe import Observed, resource_id
from deployments.vocabulary import Slot


def set_scaling(snapshot: Snapshot, observed: Observed, slot: Slot, *, suspended: bool, mark: str) -> Act | None:
    """The write that makes it so, or None when there is nothing to scale or it is so already."""
    target = observed.scaling.get(slot)
    if target is None or marks.done(snapshot, mark):
        return None
    action = SuspendScaling(resource_id=resource_id(snapshot, slot), suspended=suspended)
    if target.suspended == suspended and not marks.in_flight(snapshot, action):
        return None
    return Act(
        reason=f"Autoscaling of {snapshot.service(slot)} {'suspended' if suspended else 'resumed'}",
        action=action,
        mark=mark,
    )
