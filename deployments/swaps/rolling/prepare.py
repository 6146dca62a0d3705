"""Forward, before anything is started: RECONCILE_SERVICE and PRE_SCALE_UP."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from deployments.aws.values import Service, images_by_tag
from deployments.definitions.making import CannotBeMade
from deployments.swaps.decisions import Advance, Decision, Fail, Wait
from deployments.swaps.rolling import earlier, gate_evidence, neighbours, percents
from deployments.swaps.rolling.facts import RollingFacts, Snapshot
from deployments.swaps.rolling.observe import Observed
from deployments.swaps.steps import marks, one_off_tasks, pinned, revisions
from deployments.swaps.steps.gate import at_gate
from deployments.swaps.steps.task_definition import short
from deployments.words import counted


def reconcile(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    """What was found is kept with the registration, so that preflight runs only once."""
    if marks.done(snapshot, "register"):
        live, name = short(snapshot.facts.source_task_definition), snapshot.settings.service_name
        return Advance(
            reason=f"{name} runs {counted(snapshot.facts.desired, 'task')} of {live}; "
            f"{snapshot.artefact.version} will be {short(snapshot.facts.task_definition)}" + _told(snapshot)
        )
    report = observed.report
    if report is None:
        raise ValueError("preflight was not run")
    if stopped := revisions.preflight_failure(snapshot, report):
        return stopped
    live_definition, service = observed.live_definition, observed.service
    if service is None or live_definition is None:
        return Fail(reason=f"Service {snapshot.settings.service_name} does not exist any more.")
    try:
        document, lines = revisions.made(snapshot, live_definition, observed.base)
    except CannotBeMade as error:
        return Fail(reason=str(error))
    facts = replace(
        _with_target_group(snapshot.facts, service, observed),
        preflight=report.results,
        source_task_definition=service.task_definition,
        configuration_before=percents.found(snapshot.settings, service),
        source_deployment=service.primary.id if service.primary else "",
        source_images=live_definition.images,
        source_by_tag=tuple(live_definition.images_by_tag),
        source_digests=pinned.noted(live_definition, observed.tasks),
        target_by_tag=tuple(images_by_tag(document)),
        desired=snapshot.settings.desired(service.desired),
        desired_before=0 if snapshot.settings.desired(0) and not service.desired else None,
        difference=lines,
        looked_at=now,
        last_time=service.last_rollout,
        checked=earlier.checked(snapshot, service, live_definition, report, observed.known, now),
    )
    return revisions.register(snapshot, observed.base or live_definition, observed.registered, document, facts)


def _told(snapshot: Snapshot) -> str:
    """What a roll back would not know."""
    unread = pinned.unread(snapshot.facts)
    return f". In a roll back: {unread}" if unread else ""


def _with_target_group(facts: RollingFacts, service: Service, observed: Observed) -> RollingFacts:
    """The first target group is the one to watch; nearly every service has one at most."""
    if known := observed.known:
        return replace(
            facts,
            target_group=known.found.target_group,
            load_balancer=known.found.load_balancer,
            drain_seconds=known.found.drain_seconds,
        )
    groups = [observed.target_groups[arn] for arn in service.target_groups if arn in observed.target_groups]
    if not groups:
        return facts
    return replace(
        facts,
        target_group=groups[0].arn,
        load_balancer=next(iter(groups[0].load_balancer_arns), ""),
        drain_seconds=max(group.deregistration_delay for group in groups),
    )


def pre_scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    evidence = partial(gate_evidence.collect, snapshot, observed, now)
    waiting = at_gate(snapshot, now, evidence, may_change_meanwhile=True)
    if isinstance(waiting, Wait) and (beside := neighbours.may_pass(snapshot, observed.service)):
        return replace(waiting, reason=f"{waiting.reason}; {beside}")
    starts = observed.compared and observed.one_off.task is None
    if starts and (changed := neighbours.in_the_way(snapshot, observed.service, observed.tasks)):
        return Fail(reason=changed)
    if waiting:
        return waiting
    return one_off_tasks.decide(snapshot, observed.one_off, now, like_service=snapshot.settings.service_name)
