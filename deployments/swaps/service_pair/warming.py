"""Before traffic goes back: the source with as many tasks as it had, of what it ran, digests where tags name images."""

from datetime import datetime, timedelta

from deployments.aws.actions import UpdateService
from deployments.aws.values import Service
from deployments.evidence import targets
from deployments.swaps.decisions import Act, Decision, Fail, Wait
from deployments.swaps.service_pair import marks, watch
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.swaps.steps import called, pinned
from deployments.swaps.steps.task_definition import short
from deployments.vocabulary import DeploymentKind
from deployments.words import counted


def warm_source(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision | None:
    """None when it can take all traffic. It may be scaled down already, or run another image than before."""
    source, _ = marks.slots(snapshot)
    wanted, healthy = (snapshot.facts.desired or 1), observed.healthy(source)
    service = observed.usable(source)
    if snapshot.settings.kind == DeploymentKind.FIRST:
        return None  # nothing ran there before
    if observed.to_pin:
        return pinned.register(snapshot, observed.to_pin)
    if healthy >= wanted and _runs_what_it_ran(snapshot, service):
        return None
    if service is None:
        return Fail(
            reason=f"Service {snapshot.service(source)} (of {called.old(snapshot)}) does not exist any more, so "
            "there is nothing to roll back to; traffic was left where it is."
        )
    if act := _start(snapshot, service, wanted):
        return act
    if snapshot.settings.kind == DeploymentKind.REPAIR:
        return None  # it was sick before, and somebody wants it back all the same
    if healthy and not _done(snapshot) and _runs_what_it_ran(snapshot, service):
        return None  # some of the source is healthy and none of it was ours to stop: better than the target
    if now - snapshot.step_started_at > timedelta(seconds=snapshot.settings.scale_up_timeout_seconds):
        return Fail(reason=_not_healthy(snapshot, healthy, wanted, watch.describe_health(observed, source)))
    return Wait(reason=f"{targets.healthy_of(healthy, wanted, called.old(snapshot))}; traffic moves back when all are")


def _not_healthy(snapshot: Snapshot, healthy: int, wanted: int, described: str) -> str:
    old = called.old(snapshot)
    if not healthy:
        return f"No target of {old} became healthy ({described}); traffic was left where it is."
    return f"Only {healthy} of {wanted} targets of {old} became healthy ({described}); traffic was left where it is."


def unread(snapshot: Snapshot) -> str:
    """That what a tag stood for before is not known, to follow a sentence; "" where none of it was started again."""
    said = pinned.unread(snapshot.facts) if _done(snapshot) else ""
    return f"; {said}" if said else ""


def _start(snapshot: Snapshot, service: Service, wanted: int) -> Act | None:
    warm = UpdateService(
        cluster=snapshot.settings.cluster,
        service=service.name,
        task_definition=_ours_to_set(snapshot, service),
        desired=max(wanted, service.desired),
    )
    is_needed = service.desired < wanted or not _runs_what_it_ran(snapshot, service)
    if _done(snapshot) or not (is_needed or marks.in_flight(snapshot, warm)):
        return None
    facts = snapshot.facts
    pin = f" of {short(facts.source_pinned)}, which names the digests that ran before" if facts.source_pinned else ""
    return Act(
        reason=f"{service.name} scaled back to {counted(max(wanted, service.desired), 'task')}{pin}",
        action=warm,
        mark=marks.of_try(snapshot, "warm"),
    )


def _runs_what_it_ran(snapshot: Snapshot, service: Service | None) -> bool:
    """As far as that is ours to see to: what somebody else put on it stays."""
    goal = snapshot.facts.source_pinned
    if service is None or not goal or _ours_to_set(snapshot, service) is None:
        return True
    return service.task_definition == goal and service.steady


def _ours_to_set(snapshot: Snapshot, service: Service) -> str | None:
    """What the source ran before; None where somebody else put another task definition on it."""
    goal = pinned.goal(snapshot.facts)
    return goal if service.task_definition in (snapshot.facts.source_task_definition, goal) else None


def _done(snapshot: Snapshot) -> bool:
    return marks.done(snapshot, marks.of_try(snapshot, "warm"))
