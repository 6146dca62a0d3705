"""What is watched while ECS moves the traffic: the release's target group, our alarms, and those of ECS."""

from dataclasses import replace

from deployments.evidence import Measured, Watched, verdict
from deployments.swaps.express.facts import Snapshot
from deployments.swaps.steps import two_slots


def watched(snapshot: Snapshot, desired: int | None = None) -> Watched:
    """There are no slots; which of ECS's two target groups the release is in differs each time.

    `desired`: how many tasks ECS wants of the release now; None: not known, so its targets are not judged.
    """
    settings, facts, name = snapshot.settings, snapshot.facts, snapshot.settings.service_name
    alarms = tuple(dict.fromkeys((*settings.alarms, *facts.own_alarms)))
    known = facts.target_group and facts.load_balancer
    return Watched(
        settings=replace(settings, alarms=alarms),
        release=name,
        load_balancer=facts.load_balancer,
        target_groups={name: facts.target_group} if known else {},
        wanted=two_slots.wanted(facts, desired) if known else None,
        service=name,
        task_definition=facts.task_definition,
        healthy_at=facts.healthy_at,
        since=facts.shifted_at,
    )


def seen(snapshot: Snapshot, measured: Measured) -> str:
    """What was measured of the release, in words."""
    return verdict.summary(watched(snapshot), measured)
