"""SERVICE_PAIR's questions to AWS, each as values, and whether one has to be put at all."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from deployments.aws.listeners import load_balancer_of
from deployments.aws.protocol import Gateway
from deployments.aws.values import ProtectedTask, Route, Rule, ScalableTarget, Service, Task
from deployments.swaps.service_pair import marks, planned
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.steps import protection
from deployments.swaps.steps.gate import is_waiting
from deployments.vocabulary import Slot, Stage

#: Whatever is written later than this is looked at again right before.
FRESH = timedelta(seconds=2)


def resource_id(snapshot: Snapshot, slot: Slot) -> str:
    """Application Auto Scaling's name of a service's desired count."""
    return f"service/{snapshot.settings.cluster}/{snapshot.service(slot)}"


def services(snapshot: Snapshot, gateway: Gateway) -> dict[Slot, Service]:
    found = gateway.services(
        snapshot.settings.cluster, (snapshot.settings.blue_service, snapshot.settings.green_service)
    )
    return {slot: found[snapshot.service(slot)] for slot in Slot if snapshot.service(slot) in found}


def tasks(snapshot: Snapshot, gateway: Gateway, seen: Mapping[Slot, Service]) -> dict[Slot, tuple[Task, ...]]:
    """Of a service whose images only its tasks can tell, and only when they are not those that were looked at last.

    While one drains that was scaled to 0 nothing is started any more.
    """
    if is_scaled_down(snapshot):
        return {}
    return {
        slot: gateway.tasks(snapshot.settings.cluster, service=service.name)
        for slot, service in seen.items()
        if planned.has_unseen_tasks(snapshot, slot, service)
    }


def scaling(snapshot: Snapshot, gateway: Gateway) -> dict[Slot, ScalableTarget]:
    ids = {slot: resource_id(snapshot, slot) for slot in Slot}
    found = gateway.scalable_targets(tuple(ids.values()))
    return {slot: found[name] for slot, name in ids.items() if name in found}


def rules(snapshot: Snapshot, gateway: Gateway) -> Mapping[str, Rule]:
    """Production's and the test's, in one call."""
    settings = snapshot.settings
    return gateway.rules_named(
        tuple(arn for arn in (settings.production_rule, *settings.more_production_rules, settings.test_rule) if arn)
    )


def routes(snapshot: Snapshot, gateway: Gateway) -> tuple[Route, ...]:
    """Before tasks are taken away from a slot, in the same look."""
    if is_scaled_down(snapshot):
        return ()
    return gateway.routes(load_balancer_of(snapshot.settings.production_rule))


def protected(
    snapshot: Snapshot, gateway: Gateway, service: Service | None, now: datetime
) -> tuple[ProtectedTask, ...]:
    """Of the service that was scaled down. Asked only when ECS said so, or when it takes too long."""
    if service is None or not service.running or not is_scaled_down(snapshot):
        return ()
    since = snapshot.step_started_at
    if snapshot.source_kept_until and not snapshot.rolling_back:
        since = max(since, snapshot.source_kept_until)
    if not (protection.is_told(service, since) or protection.is_overdue(since, now)):
        return ()
    return protection.holding(gateway, snapshot.settings.cluster, service.name)


def is_scaled_down(snapshot: Snapshot) -> bool:
    return marks.done(snapshot, "scale_down", marks.of_try(snapshot, "back_scale_down"))


def is_source_warm(snapshot: Snapshot, now: datetime) -> bool:
    kept = snapshot.source_kept_until
    return not snapshot.rolling_back and snapshot.step.stage == Stage.CLEAN_UP and kept is not None and now < kept


def compares_before_start(snapshot: Snapshot, now: datetime) -> bool:
    """Whether PRE_SCALE_UP compares now: while its gate is open, and before each one-off task that is not started.

    Where nobody is asked, what RECONCILE_SERVICE has read a moment ago still holds.
    """
    if is_waiting(snapshot, now):
        return True
    index = len(snapshot.facts.tasks)
    starts = index < len(snapshot.settings.one_off_tasks) and not marks.done(snapshot, f"task:{index}")
    return starts and (snapshot.step.gate is not None or now - snapshot.step_started_at > FRESH)


def is_passed_through(snapshot: Snapshot) -> bool:
    """Whether a rung is written and has no time of its own: the next step's look follows at once."""
    stays = snapshot.step.bake_seconds or snapshot.step.gate
    return not snapshot.rolling_back and not stays and marks.done(snapshot, f"shift:{snapshot.position}")
