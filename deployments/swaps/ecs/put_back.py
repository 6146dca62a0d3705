"""On the way back: somebody else's deployment took ours off and puts the source back, as we would."""

from dataclasses import replace

from deployments.swaps.decisions import Advance, Decision, Wait
from deployments.swaps.ecs import following, once_more
from deployments.swaps.ecs.facts import Snapshot
from deployments.swaps.ecs.observe import Observed
from deployments.swaps.steps import one_service_as_planned, pinned
from deployments.vocabulary import Role, Status


def followed(snapshot: Snapshot, observed: Observed) -> Decision | None:
    """It is waited for and judged by what runs then; None where it brings something else, or has not gone well."""
    later = observed.later
    if later is None:
        return None
    words, whose = pinned.words(snapshot.facts), one_service_as_planned.deployment_of(observed.service)
    if later.status == Status.SUCCESSFUL:
        return once_more.swapped(snapshot, observed, Role.SOURCE) or Advance(
            reason=f"{words} was deployed again already, by {whose}", facts=replace(snapshot.facts, percent=0)
        )
    if later.status not in (Status.PENDING, Status.IN_PROGRESS):
        return None
    if hook := following.hook_to_answer(snapshot, later):  # it was started while ours stood on the service
        return following.go_on(snapshot, later, hook, f"ECS may go on after {later.stage}: {words} is put back")
    return Wait(reason=f"{whose[:1].upper()}{whose[1:]} deploys {words} again already; it is waited for")
