"""What is watched while tasks are replaced in place: the one service, from the bake on."""

from deployments.evidence import Watched
from deployments.swaps.rolling.facts import Snapshot
from deployments.swaps.steps import two_slots


def watched(snapshot: Snapshot, desired: int | None = None) -> Watched:
    """The service has no slots, and perhaps no load balancer. `desired`: how many tasks ECS wants of it now."""
    name, facts = snapshot.settings.service_name, snapshot.facts
    group, balancer = facts.target_group, facts.load_balancer
    return Watched(
        settings=snapshot.settings,
        release=name,
        load_balancer=balancer,
        target_groups={name: group} if group and balancer else {},
        wanted=two_slots.wanted(facts, desired) if group and balancer else None,
        service=name,
        services_read=(name,),
        task_definition=facts.task_definition,
        healthy_at=facts.completed_at,
        since=snapshot.step_started_at,
    )
