"""SCALE_UP: what ECS does not judge while it replaces tasks, so Tealgate does.

Its circuit breaker counts tasks until one runs; those that ran and then ended by themselves it starts anew for ever.
And with early success criteria neither breaker nor alarms turn anything back once a share of the tasks is healthy.
"""

from dataclasses import replace
from datetime import datetime

from deployments.aws.protocol import Gateway
from deployments.aws.values import Service
from deployments.evidence import Measured, Watched, measure, verdict
from deployments.evidence.providers.stopped_tasks import STOPPED_TASKS
from deployments.swaps.rolling import rollout
from deployments.swaps.rolling.facts import RollingFacts, Snapshot
from deployments.swaps.rolling.watched import watched
from deployments.vocabulary import DeploymentKind


def observe(snapshot: Snapshot, service: Service, gateway: Gateway, now: datetime) -> Measured:
    """Nothing is asked while ECS judges, unless it has started more tasks than are wanted. Raises AwsError."""
    if is_early(snapshot, service):
        return measure(_early(snapshot, service, now), gateway, now)
    if not _counts_tasks(snapshot, service):
        return Measured()
    settings = snapshot.settings
    return Measured({STOPPED_TASKS.name: gateway.stopped_tasks(settings.cluster, settings.service_name)})


def problem(snapshot: Snapshot, service: Service, measured: Measured, now: datetime) -> str:
    """In a sentence; "" when nothing speaks against the release."""
    looked_at = _early(snapshot, service, now) if is_early(snapshot, service) else _tasks_alone(snapshot)
    return verdict.problem(looked_at, measured)


def noted(snapshot: Snapshot, service: Service, now: datetime) -> RollingFacts:
    facts = replace(snapshot.facts, judged=_key(snapshot, service))
    return replace(facts, early_at=facts.early_at or now) if is_early(snapshot, service) else facts


def is_early(snapshot: Snapshot, service: Service) -> bool:
    primary = service.primary
    return primary is not None and rollout.is_early(service, primary, snapshot.facts.task_definition)


def explained(service: Service) -> str:
    """To follow a sentence about a rollout that ECS calls over."""
    percent = service.early_success_percent
    when = f" once {percent} % of its tasks were healthy (earlySuccessCriteria)" if percent is not None else ""
    return f"; ECS called it successful{when} and judges it no more: Tealgate watches until all run it"


def _early(snapshot: Snapshot, service: Service, now: datetime) -> Watched:
    """All that is watched in the bake, and the alarms that ECS would have gone by."""
    configured = service.deployment_configuration.get("alarms", {})
    # One of them may have rung before; ECS goes by none of them then.
    counts = configured.get("enable") and snapshot.settings.kind == DeploymentKind.NORMAL
    theirs = configured.get("alarmNames", ()) if counts else ()
    settings = replace(snapshot.settings, alarms=tuple(dict.fromkeys((*snapshot.settings.alarms, *theirs))))
    since = snapshot.facts.early_at or now
    seen = watched(snapshot, service.desired)
    return replace(seen, settings=settings, healthy_at=snapshot.facts.updated_at, since=since)


def _tasks_alone(snapshot: Snapshot) -> Watched:
    """Only tasks that stopped: for all else ECS looks itself."""
    seen = watched(snapshot)
    settings = replace(snapshot.settings, alarms=())
    return replace(seen, settings=settings, target_groups={}, healthy_at=snapshot.facts.updated_at, since=None)


def _counts_tasks(snapshot: Snapshot, service: Service) -> bool:
    """Whether more were started than are wanted, since the last look at those that stopped.

    While ECS counts failed tasks of its own, none has run yet, and they are left to its breaker and ours.
    """
    primary = service.primary
    if primary is None or primary.failed_tasks or snapshot.settings.max_stopped_tasks is None:
        return False
    return _started(snapshot, service) > primary.desired and _key(snapshot, service) != snapshot.facts.judged


def _key(snapshot: Snapshot, service: Service) -> str:
    primary = service.primary
    return f"{primary.id}:{_started(snapshot, service)}-{primary.failed_tasks}" if primary else ""


def _started(snapshot: Snapshot, service: Service) -> int:
    since = snapshot.facts.updated_at
    return sum(count for at, count in service.starts if since is None or at > since)
