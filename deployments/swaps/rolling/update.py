"""Forward, SCALE_UP: the service gets the release, and ECS replaces its tasks."""

from dataclasses import replace
from datetime import datetime

from deployments.aws.actions import Made, UpdateService
from deployments.aws.values import Service, ServiceDeployment
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Wait
from deployments.swaps.facts import sure
from deployments.swaps.rolling import neighbours, percents, polling, rollout, rollout_watch, trouble, without_tasks
from deployments.swaps.rolling.facts import Snapshot
from deployments.swaps.rolling.observe import Observed
from deployments.swaps.steps import as_planned, marks
from deployments.swaps.steps.task_definition import short
from deployments.vocabulary import Role
from deployments.words import counted, duration_words

#: What ECS's own reasons for a roll back speak of.
_OWN = ("rolling back", "failed", "alarm")


def scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    if observed.too_soon:
        return polling.wait_to_begin(snapshot, now)
    if observed.just_looked:
        return _update(snapshot, now)
    service = observed.service
    if service is None or service.status != "ACTIVE":
        seen = f"is {service.status}" if service else "does not exist any more"
        return Fail(reason=f"Service {snapshot.settings.service_name} {seen}, so no task can be started in it.")
    if not marks.done(snapshot, "update"):
        primary, wanted = service.primary, snapshot.facts.task_definition
        # Only this deployment knows the revision, so whoever finds it there finds its own update.
        found = primary.id if primary and primary.task_definition == wanted else ""
        if not found and (changed := neighbours.in_the_way(snapshot, service, observed.tasks)):
            return Fail(reason=changed)
        if not found and (stuck := percents.in_the_way(snapshot, service)):
            return Fail(reason=stuck)
        return _update(snapshot, now, service, found=found)
    return _follow(snapshot, observed, service, now)


def _update(snapshot: Snapshot, now: datetime, service: Service | None = None, found: str = "") -> Act:
    """`service` as it was just read, None: as preflight found it."""
    wanted, name = snapshot.facts.task_definition, snapshot.settings.service_name
    meanwhile = neighbours.restarted(snapshot, service)  # no reason not to
    # What an update whose answer was lost has written is told as it was sent.
    shown = None if found else service
    configuration = percents.to_send(snapshot, shown)
    before = shown.deployment_configuration if configuration and shown else snapshot.facts.configuration_before
    changed = f"{_count(snapshot)}{percents.words(configuration, before or {})}"
    return Act(
        reason=f"{name} gets {snapshot.artefact.version} ({short(wanted)}){changed}"
        + (f"; {meanwhile}" if meanwhile else ""),
        action=UpdateService(
            cluster=snapshot.settings.cluster,
            service=name,
            task_definition=wanted,
            desired=None if snapshot.facts.desired_before is None else snapshot.facts.desired,
            deployment_configuration=configuration,
        ),
        found=Made(ecs_deployment=found) if found else None,
        mark="update",
        facts=replace(snapshot.facts, updated_at=now, configuration_before=before),
    )


def _count(snapshot: Snapshot) -> str:
    if snapshot.facts.desired_before is None:
        return ""
    return f" and a desired count of {snapshot.facts.desired} instead of {snapshot.facts.desired_before}"


def _follow(snapshot: Snapshot, observed: Observed, service: Service, now: datetime) -> Decision:
    wanted, mine, primary = snapshot.facts.task_definition, snapshot.facts.ecs_deployment, service.primary
    if primary is None:
        return Fail(reason=f"ECS shows no deployment on {service.name} any more.")
    if not mine and primary.task_definition == wanted:
        return Note(
            reason=f"The deployment on {service.name} is {primary.id}",
            facts=replace(snapshot.facts, ecs_deployment=primary.id),
        )
    if anew := neighbours.release_restarted(snapshot, service):
        return neighbours.follow(snapshot, primary, anew, now)
    if primary.id != mine:
        return _superseded(snapshot, service, primary, now)
    if not service.desired:
        return without_tasks.ended(snapshot, service, primary, now)
    if rollout.is_complete(service, primary, wanted):
        digests = as_planned.digests_of(observed.tasks, wanted)
        run = counted(primary.running, f"task of {service.name} runs", f"tasks of {service.name} run")
        return Advance(
            reason=f"ECS completed {primary.id}: {run} {snapshot.artefact.version}",
            facts=replace(
                snapshot.facts,
                completed_at=now,
                target_digests={name: digests[name] for name in snapshot.facts.target_by_tag if name in digests},
            ),
            live=Role.TARGET,
        )
    if failure := _failure(snapshot, observed, service, primary, now):
        return Fail(reason=failure)
    if against := rollout_watch.problem(snapshot, service, observed.measured, now):
        return Fail(reason=against)
    return _wait(snapshot, observed, service, now)


def _wait(snapshot: Snapshot, observed: Observed, service: Service, now: datetime) -> Wait:
    known = replace(snapshot, facts=rollout_watch.noted(snapshot, service, now))
    wait = polling.wait(known, service, now, protected=observed.protected)
    if not rollout_watch.is_early(snapshot, service):
        return wait
    until = polling.watching(now)
    return replace(wait, reason=wait.reason + rollout_watch.explained(service), until=min(wait.until or until, until))


def _superseded(snapshot: Snapshot, service: Service, primary: ServiceDeployment, now: datetime) -> Decision:
    """Another is PRIMARY: ECS rolled ours back, somebody started one, or the read is older than our write."""
    mine, before = sure(snapshot.facts.ecs_deployment), snapshot.facts.source_task_definition
    ours = next((each for each in service.deployments if each.id == mine), None)
    if ours is None and primary.task_definition == before and not rollout.is_settled(snapshot, now):
        return Wait(reason=f"ECS does not show the deployment {mine} yet")
    if primary.task_definition == before or _of_its_own(primary, ours):
        return Fail(reason=_put_back(service, primary, ours, mine))
    differs = neighbours.difference(neighbours.release(snapshot), service)
    stranger = f"Someone else put {short(primary.task_definition)} on {service.name}; it was left alone."
    return Fail(reason=differs or stranger)


def _put_back(service: Service, primary: ServiceDeployment, ours: ServiceDeployment | None, mine: str) -> str:
    """Whose doing it was: ECS says of its own why, in the deployments or, once that is over, in an event."""
    why = _of_its_own(primary, ours) or trouble.failed_event(service, mine)
    if why:
        return f"ECS put {service.name} back to {short(primary.task_definition)} by itself: {why.rstrip('.')}."
    return f"Someone put {service.name} back to {short(primary.task_definition)}."


def _of_its_own(primary: ServiceDeployment, ours: ServiceDeployment | None) -> str:
    """ECS's reason; it goes back to what it last completed, which is not always what ran before."""
    reasons = [each.rollout_reason for each in (ours, primary) if each]
    return next((reason for reason in reasons if any(word in reason.lower() for word in _OWN)), "")


def _failure(
    snapshot: Snapshot, observed: Observed, service: Service, primary: ServiceDeployment, now: datetime
) -> str:
    version = snapshot.artefact.version
    if primary.rollout_state == "FAILED":
        return f"ECS gave up {version} on {service.name}: {primary.rollout_reason} {trouble.why(observed)}"
    if rollout.has_failed_too_often(service, primary):
        return f"{counted(primary.failed_tasks, 'task')} of {version} failed in a row. {trouble.why(observed)}"
    if rollout.is_late(snapshot, now) and not observed.protected:
        return (
            f"{version} was not up after {duration_words(snapshot.settings.scale_up_timeout_seconds)}: "
            f"{rollout.describe(service)}. {trouble.why(observed)}"
        )
    return ""
