"""How far ECS is with replacing the tasks, read from services[].deployments; never from the counts alone.

A rollout has succeeded only when the deployment that UpdateService started is still PRIMARY, runs the expected
task definition, and ECS calls it COMPLETED with all wanted tasks running. Anything else that looks steady is
not a success: ECS's circuit breaker puts the old task definition back and is steady again, and a service
with a desired count of 0 is always steady.
"""

from datetime import datetime, timedelta

from deployments.aws.values import Service, ServiceDeployment
from deployments.swaps.facts import sure
from deployments.swaps.rolling import breaker
from deployments.swaps.rolling.facts import Snapshot
from deployments.swaps.steps import protection

#: Long enough after a write of ours that DescribeServices must show it.
SETTLED = timedelta(seconds=10)


def is_complete(service: Service, deployment: ServiceDeployment, task_definition: str) -> bool:
    """`deployment` is PRIMARY, and nothing is missing."""
    if deployment.task_definition != task_definition or service.task_definition != task_definition:
        return False
    if not deployment.desired or deployment.running < deployment.desired:
        return False
    if any(each.running or each.pending for each in service.deployments if each is not deployment):
        return False
    # Services that were last deployed to before ECS had rollout states show none.
    return deployment.rollout_state == "COMPLETED" or (not deployment.rollout_state and service.steady)


def is_early(service: Service, deployment: ServiceDeployment, task_definition: str) -> bool:
    """Whether ECS has called `deployment` successful, and judges it no more, though something is missing."""
    over = deployment.rollout_state == "COMPLETED" and deployment.task_definition == task_definition
    return over and not is_complete(service, deployment, task_definition)


def is_settled(snapshot: Snapshot, now: datetime) -> bool:
    return now - sure(snapshot.facts.updated_at) > SETTLED


def has_failed_too_often(service: Service, deployment: ServiceDeployment) -> bool:
    """As the service's own circuit breaker judges it, where that is on; otherwise as it would judge by default."""
    return deployment.failed_tasks >= breaker.threshold(service)


def is_late(snapshot: Snapshot, now: datetime) -> bool:
    """Once protected tasks may be stopped, they have all the time again that a release has."""
    since = max(snapshot.step_started_at, snapshot.facts.held_at or snapshot.step_started_at)
    return now - since > timedelta(seconds=snapshot.settings.scale_up_timeout_seconds)


def waits_for_old_tasks(snapshot: Snapshot, service: Service, now: datetime) -> bool:
    """Whether nothing but old tasks is left to wait for, for longer than they should take."""
    primary, facts = service.primary, snapshot.facts
    if primary is None or facts.updated_at is None or primary.running < primary.desired:
        return False
    if not any(each.running for each in service.deployments if each is not primary):
        return False
    was_held = facts.held_at is not None and facts.held_at >= facts.updated_at
    slow = protection.is_overdue(facts.phase_since or now, now) or is_late(snapshot, now)
    return was_held or slow or protection.is_told(service, facts.updated_at)


def is_given_up(snapshot: Snapshot, service: Service, now: datetime, *, held: bool) -> bool:
    """Whether it is time to say why it does not get on, which takes more reads than one.

    `held`: all that is missing is that protected tasks of the old release may go. That is no fault of the new one.
    """
    primary = service.primary
    if primary is None or not snapshot.facts.updated_at:
        return False
    failed = primary.rollout_state == "FAILED" or has_failed_too_often(service, primary)
    return failed or (is_late(snapshot, now) and not held)


def describe(service: Service, drained_at: datetime | None = None) -> str:
    """Such as "1 of 2 new tasks run, 1 starting; 2 old still run"."""
    primary = service.primary
    if primary is None:
        return "ECS shows no deployment"
    old = sum(each.running for each in service.deployments if each is not primary)
    words = f"{primary.running} of {primary.desired} new tasks run"
    words += f", {primary.pending} starting" if primary.pending else ""
    if drained_at:
        return f"{words}; old ones should have drained by {drained_at:%H:%M:%S} UTC"
    if old:
        return f"{words}; {old} old still run"
    return f"{words}; old ones are draining" if len(service.deployments) > 1 else words
