"""Forward, before anything is started: RECONCILE_SERVICE and PRE_SCALE_UP."""

from dataclasses import replace
from datetime import datetime

from deployments.aws.values import Service
from deployments.swaps.decisions import Decision, Fail
from deployments.swaps.service_pair import marks, planned, weights
from deployments.swaps.service_pair.facts import PairFacts, Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.swaps.steps import one_off_tasks, revisions, rules, two_slots
from deployments.swaps.steps.gate import at_gate
from deployments.vocabulary import DeploymentKind
from deployments.words import joined


def reconcile(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    if on := revisions.go_on(snapshot):
        return on
    report = observed.report
    if report is None:
        raise ValueError("preflight was not run")
    if stopped := revisions.preflight_failure(snapshot, report):
        return stopped
    for rule in observed.production_rules:
        if len(rule.live) != 1 or rules.strangers(snapshot, rule):
            seen = rules.describe(snapshot, rule)
            return Fail(reason=f"Exactly one slot has to be live, but {weights.named(snapshot, rule)} shows {seen}.")
    live_on = {snapshot.settings.slot_of(rule.live[0]) for rule in observed.production_rules}
    if len(live_on) != 1:
        return Fail(reason=f"Exactly one slot has to be live, but {_several(snapshot, observed)}.")
    (source,) = live_on
    live, service = observed.live_definition, observed.services.get(source) if source else None
    if source is None or live is None or service is None or _runs_nothing(snapshot, service):
        return Fail(
            reason=f"What is live ({source or 'unknown'} slot) has traffic but no running tasks to compare with."
        )
    return revisions.put_on_other_slot(
        snapshot,
        report,
        source,
        service,
        live,
        observed.registered,
        base=observed.base,
        how=lambda new, slot: f"{new} goes to the other slot ({slot} slot)",
        facts=planned.before(
            replace(snapshot, facts=_with_weights(snapshot, observed)),
            source,
            observed.services,
            live,
            observed.tasks.get(source, ()),
            observed.base,
        ),
    )


def _runs_nothing(snapshot: Snapshot, service: Service) -> bool:
    """Where an ordinary deployment has nothing to be compared with."""
    return not service.running and snapshot.settings.kind == DeploymentKind.NORMAL


def _several(snapshot: Snapshot, observed: Observed) -> str:
    said = [
        f"{weights.named(snapshot, rule)} shows {rules.describe(snapshot, rule)}" for rule in observed.production_rules
    ]
    return joined(said) or "the production rule shows nothing"


def _with_weights(snapshot: Snapshot, observed: Observed) -> PairFacts:
    facts = snapshot.facts
    for rule in observed.production_rules:
        facts = facts.with_weights(rule.arn, dict(rule.weights), first=weights.is_first(snapshot, rule))
    return facts


def pre_scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    waiting = at_gate(snapshot, now, lambda: two_slots.evidence(snapshot, observed, now), may_change_meanwhile=True)
    if waiting:
        return waiting
    like = snapshot.service(marks.slots(snapshot)[0])
    return one_off_tasks.decide(snapshot, observed.one_off, now, like_service=like)
