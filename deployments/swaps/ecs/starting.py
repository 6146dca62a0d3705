"""RECONCILE_SERVICE, PRE_SCALE_UP and SCALE_UP: ECS is told once, and its deployment found."""

from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws.actions import UpdateService
from deployments.aws.values import Service
from deployments.evidence import targets
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Wait
from deployments.swaps.ecs import at_lattice, following, owner
from deployments.swaps.ecs.facts import Snapshot
from deployments.swaps.ecs.observe import Observed
from deployments.swaps.ecs.plan import pauses
from deployments.swaps.facts import sure
from deployments.swaps.steps import marks, one_service, one_service_as_planned, watching
from deployments.vocabulary import Stage
from deployments.words import counted, full_stop, tasks_run

#: So long after our UpdateService its deployment must be listed.
FOUND_WITHIN = timedelta(seconds=60)


def reconcile(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    return one_service.reconcile(
        snapshot,
        observed,
        how=lambda new, slot: f"ECS puts {new} in the other slot ({slot} slot)",
        shown_by="rule",
        facts=snapshot.facts,
    )


def pre_scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    changed = one_service_as_planned.changed_meanwhile(snapshot, observed.before, shown_by="rule")
    return one_service.pre_scale_up(snapshot, observed, now, changed=changed, service_deployment="")


def scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    settings = snapshot.settings
    if not marks.done(snapshot, "update"):
        return _tell(snapshot, observed, now)
    native = observed.native
    if native is None:
        if now - sure(snapshot.facts.updated_at) < FOUND_WITHIN:
            return Wait(reason="Waiting for ECS to list the deployment")
        return Fail(reason=f"ECS lists no deployment of {snapshot.artefact.version} for {settings.service_name}.")
    if not snapshot.facts.service_deployment:
        return Note(reason=f"ECS runs it as {native.arn}", facts=replace(snapshot.facts, service_deployment=native.arn))
    health = targets.of(observed.measured, snapshot.target)
    unhealthy = watching.last_unhealthy(snapshot.facts, health)
    if turned := following.wrong(snapshot, observed):
        return replace(turned, reason=f"{full_stop(turned.reason)} Targets: {unhealthy}.") if unhealthy else turned
    if following.beyond(native, Stage.SCALE_UP):
        return Advance(
            reason=f"ECS started {native.running} of {counted(native.requested, 'task')}",
            facts=replace(snapshot.facts, healthy_at=now),
        )
    if waits := following.owner_holds(snapshot, native):
        return Wait(reason=waits, facts=replace(snapshot.facts, owner_held_at=now))
    seen = tasks_run(native.running, native.requested)
    if late := watching.late(snapshot, health, now, seen=seen, since=snapshot.facts.owner_held_at):
        return Fail(reason=late)
    words = f"; {unhealthy}" if unhealthy else ""
    return Wait(reason=f"ECS scales up: {seen}{words}", facts=watching.remembered(snapshot.facts, health))


def _tell(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    if changed := _changed_meanwhile(snapshot, observed):
        return Fail(reason=changed)
    if snapshot.facts.configuration_before is None and observed.service is not None:
        return _noted(snapshot, observed, observed.service)
    name = snapshot.settings.service_name
    return Act(
        reason=f"ECS was told to deploy {snapshot.artefact.version} to {name} by {snapshot.plan.strategy}",
        action=UpdateService(
            cluster=snapshot.settings.cluster,
            service=name,
            task_definition=sure(snapshot.facts.task_definition),
            desired=None if snapshot.facts.desired_before is None else snapshot.facts.desired,
            deployment_configuration=owner.sent(snapshot),
        ),
        mark="update",
        facts=replace(snapshot.facts, updated_at=now),
    )


def _noted(snapshot: Snapshot, observed: Observed, service: Service) -> Note | Fail:
    """What the owner has set, before anything of ours is put beside it."""
    facts = at_lattice.before(service, observed.lattice, snapshot.facts)
    if isinstance(facts, Fail):
        return facts
    before = service.deployment_configuration
    stages = sorted(pauses(before))
    held = f"; it has pauses of its own at {', '.join(stages)}" if stages else ""
    return Note(
        reason=f"The deployment configuration of {service.name} is kept, and given back at the end{held}",
        facts=replace(facts, configuration_before=before, test_rule=service.test_rule),
    )


def _changed_meanwhile(snapshot: Snapshot, observed: Observed) -> str:
    """Since preflight; people may have thought about a gate for days."""
    if marks.may_have_happened(snapshot, "UpdateService"):
        return ""  # what changed may be our own doing
    now = one_service.right_now(observed)
    changed = one_service_as_planned.changed_meanwhile(snapshot, now, shown_by="rule")
    return changed or at_lattice.changed(snapshot, observed.lattice)
