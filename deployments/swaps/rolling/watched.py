"""What is watched while tasks are replaced in place: the one service, from the bake on."""

from deployments.evidence import Watched
from deployments.swaps.rolling.facts import Snapshot


def watched(snapshot: Snapshot) -> Watched:
    """The service has no slots, and perhaps no load balancer."""
    name, facts = snapshot.settings.service_name, snapshot.facts
    group, balancer = facts.target_group, facts.load_balancer
    return Watched(
        settings=snapshot.settings,
        release=name,
        load_balancer=balancer,
        target_groups={name: group} if group and balancer else {},
        targets=False,
        since=snapshot.step_started_at,
    )
