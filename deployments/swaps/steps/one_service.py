"""One service behind two target groups, whose traffic AWS shifts itself: what ECS's and CodeDeploy's shifts share."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from deployments import preflight
from deployments.aws.protocol import Gateway
from deployments.aws.values import ProtectedTask, Rule, Service, Task, TaskDefinition
from deployments.definitions.base import base_of
from deployments.definitions.difference import Lines
from deployments.evidence import Measured
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.checklist import Checklist
from deployments.preflight.report import Report
from deployments.swaps.base import Live
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Snapshot, Wait
from deployments.swaps.facts import TwoSlotFacts
from deployments.swaps.reports import Failure
from deployments.swaps.steps import (
    failure,
    left_behind,
    live_service,
    one_off_tasks,
    one_service_as_planned,
    pinned,
    protection,
    revisions,
    rules,
    two_slots,
)
from deployments.swaps.steps.gate import at_gate
from deployments.vocabulary import DEPLOYMENT_TAG, Stage


@dataclass(frozen=True, kw_only=True)
class Look:
    """What both read. None or empty means: not read at this step."""

    report: Report | None = None
    service: Service | None = None
    live_definition: TaskDefinition | None = None
    #: what the release's is made from
    base: TaskDefinition | None = None
    registered: TaskDefinition | None = None
    #: of the service, when what they run matters
    tasks: tuple[Task, ...] | None = None
    one_off: one_off_tasks.Seen = one_off_tasks.Seen()
    #: what the service and its rule are like now, while people decide and before a one-off task is started
    before: one_service_as_planned.Seen = one_service_as_planned.Seen()
    production: Rule | None = None
    measured: Measured = Measured()
    #: the source's task definition, where the way back has to name digests
    pin: pinned.Seen | None = None
    #: what runs once AWS is done, and what it has left behind
    end: one_service_as_planned.Seen = one_service_as_planned.Seen()
    left: left_behind.Seen = left_behind.Seen()
    #: of the release before, when AWS is long in removing it
    protected: tuple[ProtectedTask, ...] = ()


Seen = TypeVar("Seen", bound=Look)


def live(settings: EnvironmentSettings, gateway: Gateway) -> Live:
    """Raises AwsError, or ValueError with a sentence when that cannot be told."""
    slot = live_service.slot_with_all_traffic(settings, gateway)
    return live_service.live(settings, gateway, settings.service_name, slot)


def difference(settings: EnvironmentSettings, artefact: Artefact, gateway: Gateway) -> Lines | None:
    return live_service.changes(settings, artefact, gateway, settings.service_name)


def services_needed(snapshot: Snapshot[TwoSlotFacts]) -> Collection[str]:
    reconciling = snapshot.step.stage == Stage.RECONCILE_SERVICE and not revisions.is_reconciled(snapshot)
    deciding = snapshot.step.stage == Stage.PRE_SCALE_UP and snapshot.gate is not None
    return (snapshot.settings.service_name,) if reconciling or (deciding and not snapshot.rolling_back) else ()


def service(snapshot: Snapshot[TwoSlotFacts], gateway: Gateway) -> Service | None:
    return one_service_as_planned.read_service(snapshot, gateway)


def protected(snapshot: Snapshot[TwoSlotFacts], gateway: Gateway, now: datetime) -> tuple[ProtectedTask, ...]:
    """Of the release before, asked only when its clean-up takes too long."""
    if snapshot.step.stage != Stage.CLEAN_UP or not protection.is_overdue(snapshot.step_started_at, now):
        return ()
    settings, staying = snapshot.settings, snapshot.facts.task_definition
    return protection.holding(gateway, settings.cluster, settings.service_name, staying=staying)


def right_now(look: Look) -> one_service_as_planned.Seen:
    """Of a look right before AWS is told to shift."""
    return one_service_as_planned.Seen(
        service=look.service, production=look.production, tasks=look.tasks, was_read=True
    )


def before_anything(
    snapshot: Snapshot[TwoSlotFacts], observed: Seen, gateway: Gateway, now: datetime, kind: Checklist[Any]
) -> Seen:
    """RECONCILE_SERVICE's look: preflight, and once it has passed what the service runs and the rule shows.

    `gateway` reads each thing once, since preflight has read nearly all of it.
    """
    if revisions.is_reconciled(snapshot):
        return observed
    report = preflight.run(snapshot.settings, snapshot.artefact, gateway, now, kind, trusted=preflight.IAM_TRUSTED)
    observed = replace(observed, report=report)
    found = service(snapshot, gateway) if report.passed else None
    if found is None:
        return observed
    running = gateway.task_definition(found.task_definition)
    registered = None
    if snapshot.intent:  # an earlier try may have registered it before its answer was lost
        registered = gateway.registered_by(running.family, (DEPLOYMENT_TAG, snapshot.key))
    return replace(
        observed,
        service=found,
        tasks=gateway.running_tasks(snapshot.settings.cluster, found.name) if running.images_by_tag else (),
        live_definition=running,
        base=base_of(snapshot.settings, snapshot.artefact, running, gateway),
        registered=registered,
        production=gateway.rule(snapshot.settings.production_rule),
    )


def reconcile(
    snapshot: Snapshot[TwoSlotFacts], observed: Look, *, how: revisions.How, shown_by: str, facts: TwoSlotFacts
) -> Act | Advance | Fail:
    """`shown_by` is said like "rule"; `facts` hold what only one of them finds."""
    if on := revisions.go_on(snapshot):
        return on
    settings, report = snapshot.settings, observed.report
    if report is None:
        raise ValueError("preflight was not run")
    if stopped := revisions.preflight_failure(snapshot, report):
        return stopped
    found, running, rule = observed.service, observed.live_definition, observed.production
    if found is None or running is None or rule is None:
        return Fail(reason=f"Service {settings.service_name} does not exist in cluster {settings.cluster}.")
    source = settings.slot_of(rule.live[0]) if len(rule.live) == 1 else None
    if source is None or rules.strangers(snapshot, rule):
        seen = rules.describe(snapshot, rule)
        return Fail(reason=f"Exactly one of the two target groups has to be live, but the {shown_by} shows {seen}.")
    facts = replace(
        facts,
        source_by_tag=tuple(running.images_by_tag),
        source_digests=pinned.noted(running, observed.tasks or ()),
        desired_before=None if found.desired else 0,
    )
    return revisions.put_on_other_slot(
        snapshot, report, source, found, running, observed.registered, base=observed.base, how=how, facts=facts
    )


def pre_scale_up(
    snapshot: Snapshot[TwoSlotFacts], observed: Look, now: datetime, *, changed: str = "", **found: str
) -> Decision:
    """The gate and the one-off tasks; `changed` is what somebody else did meanwhile, and `found` becomes evidence."""
    waiting = at_gate(
        snapshot, now, lambda: two_slots.evidence(snapshot, observed, now, **found), may_change_meanwhile=True
    )
    if isinstance(waiting, Wait) and (beside := one_service_as_planned.waiting_beside(snapshot, observed.before)):
        return replace(waiting, reason=f"{waiting.reason}; {beside}")
    if changed:
        return Fail(reason=changed)
    like = snapshot.settings.service_name
    return waiting or one_off_tasks.decide(snapshot, observed.one_off, now, like_service=like)


def diagnose(snapshot: Snapshot[TwoSlotFacts], gateway: Gateway) -> Failure:
    """Raises AwsError."""
    group = snapshot.target_group(snapshot.target) if snapshot.target else ""
    return failure.capture(snapshot, gateway, service=snapshot.settings.service_name, target_group=group)
