"""RECONCILE_SERVICE, PRE_SCALE_UP and SCALE_UP: ECS is told once, and its deployment found."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from deployments.aws.actions import Made, UpdateExpressGatewayService
from deployments.aws.values import Service, ServiceRevision, TaskDefinition
from deployments.definitions.making import CannotBeMade
from deployments.evidence import targets
from deployments.preflight.report import Report
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Wait
from deployments.swaps.express import as_told, following
from deployments.swaps.express.facts import ExpressFacts, Snapshot
from deployments.swaps.express.observe import Observed
from deployments.swaps.express.watched import watched
from deployments.swaps.facts import sure
from deployments.swaps.steps import gate_evidence, marks, one_off_tasks, pinned, revisions, watching
from deployments.swaps.steps.as_planned import Kind
from deployments.swaps.steps.gate import at_gate
from deployments.swaps.steps.service_deployments import beyond
from deployments.swaps.steps.task_definition import short
from deployments.vocabulary import Stage
from deployments.words import counted, full_stop, tasks_run

#: So long after our call its deployment must be listed.
FOUND_WITHIN = timedelta(seconds=60)


def reconcile(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    """What was found is kept with the registration, so that preflight runs only once."""
    name = snapshot.settings.service_name
    if marks.done(snapshot, "register"):
        live = short(snapshot.facts.source_task_definition)
        return Advance(
            reason=f"{name} runs {counted(snapshot.facts.desired, 'task')} of {live}; "
            f"{snapshot.artefact.version} will be {short(snapshot.facts.task_definition)}"
        )
    report = observed.report
    if report is None:
        raise ValueError("preflight was not run")
    if stopped := revisions.preflight_failure(snapshot, report):
        return stopped
    found, live_definition = observed.service, observed.live_definition
    if found is None or live_definition is None:
        return Fail(reason=f"Service {name} does not exist any more.")
    try:
        document, lines = revisions.made(snapshot, live_definition, observed.base)
    except CannotBeMade as error:
        return Fail(reason=str(error))
    facts = _found(snapshot, observed, report, found, live_definition, lines)
    return revisions.register(snapshot, observed.base or live_definition, observed.registered, document, facts)


def _found(
    snapshot: Snapshot,
    observed: Observed,
    report: Report,
    found: Service,
    live: TaskDefinition,
    lines: tuple[tuple[str, str], ...],
) -> ExpressFacts:
    managed = observed.revision.managed if observed.revision else None
    return replace(
        snapshot.facts,
        preflight=report.results,
        service=found.arn,
        source_task_definition=found.task_definition,
        source_images=live.images,
        source_by_tag=tuple(live.images_by_tag),
        source_digests=pinned.noted(live, observed.tasks or ()),
        desired=found.desired,
        difference=lines,
        load_balancer=managed.load_balancer if managed else "",
        production_rule=managed.production_rule if managed else "",
        own_alarms=managed.alarms if managed else (),
    )


def pre_scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    changed = as_told.changed_meanwhile(snapshot, observed)
    waiting = at_gate(snapshot, now, lambda: _evidence(snapshot, observed, now), may_change_meanwhile=True)
    if isinstance(waiting, Wait) and changed and changed.kind is Kind.NO_TASKS:
        return replace(waiting, reason=f"{waiting.reason}; {changed.seen}")  # it may pass: nobody is turned away
    if changed:
        return Fail(reason=f"{changed.sentence} It was left alone.")
    if waiting:
        return waiting
    return one_off_tasks.decide(snapshot, observed.one_off, now, like_service=snapshot.settings.service_name)


def _evidence(snapshot: Snapshot, observed: Observed, now: datetime) -> dict[str, Any]:
    common = gate_evidence.collect(snapshot, watched(snapshot), observed.measured, now, None)
    found = observed.service
    if found is None:
        return common
    runs = tasks_run(found.running, found.desired)
    return {**common, "health": {found.name: runs}}


def scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    name, version = snapshot.settings.service_name, snapshot.artefact.version
    if not marks.done(snapshot, "update"):
        return _tell(snapshot, observed, now)
    native = observed.native
    if native is None:
        if now - sure(snapshot.facts.updated_at) < FOUND_WITHIN:
            return Wait(reason="Waiting for ECS to list the deployment")
        return Fail(reason=f"ECS lists no deployment of {version} for {name}.")
    if not snapshot.facts.service_deployment:
        return _noted(snapshot, native.arn, observed.revision)
    health = targets.of(observed.measured, name)
    unhealthy = watching.last_unhealthy(snapshot.facts, health)
    if turned := following.wrong(snapshot, observed):
        return replace(turned, reason=f"{full_stop(turned.reason)} Targets: {unhealthy}.") if unhealthy else turned
    if beyond(native, Stage.SCALE_UP):
        return Advance(
            reason=f"ECS started {native.running} of {counted(native.requested, 'task')}",
            facts=replace(snapshot.facts, healthy_at=now),
        )
    seen = tasks_run(native.running, native.requested)
    if late := watching.late(snapshot, health, now, seen=seen):
        return Fail(reason=late)
    words = f"; {unhealthy}" if unhealthy else ""
    return Wait(reason=f"ECS scales up: {seen}{words}", facts=watching.remembered(snapshot.facts, health))


def _tell(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    """An answer may have been lost: its deployment is there by the task definition that only we use."""
    told = observed.native is not None
    if not told and (changed := as_told.changed_meanwhile(snapshot, observed)):
        return Fail(reason=f"{changed.sentence} It was left alone.")
    return Act(
        reason=f"ECS was told to deploy {snapshot.artefact.version} to {snapshot.settings.service_name}, by the canary "
        "of Express Mode",
        action=UpdateExpressGatewayService(
            service=sure(snapshot.facts.service), task_definition=sure(snapshot.facts.task_definition)
        ),
        found=Made() if told else None,
        mark="update",
        facts=replace(snapshot.facts, updated_at=now),
    )


def _noted(snapshot: Snapshot, native: str, revision: ServiceRevision | None) -> Note:
    """Which of its two target groups ECS has chosen is known only now."""
    managed = revision.managed if revision else None
    alarms = managed.alarms if managed else snapshot.facts.own_alarms
    by = f", and rolls it back by its alarm {', '.join(alarms)}" if alarms else ""
    return Note(
        reason=f"ECS runs it as {native}{by}",
        facts=replace(
            snapshot.facts,
            service_deployment=native,
            target_group=revision.target_group if revision else "",
            own_alarms=alarms,
        ),
    )
