"""What SERVICE_PAIR reads at each stage, and no more: nothing at a gate before production, or where AWS tells."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from deployments import preflight
from deployments.aws.listeners import load_balancer_of
from deployments.aws.protocol import Gateway
from deployments.aws.values import ProtectedTask, Route, Rule, ScalableTarget, Service, TaskDefinition
from deployments.evidence import Measured, measure, targets
from deployments.preflight.report import Report
from deployments.swaps.facts import sure
from deployments.swaps.service_pair import marks
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.watched import watched
from deployments.swaps.steps import event_watch, one_off_tasks, protection, revisions, two_slots
from deployments.swaps.steps.reading_once import ReadingOnce
from deployments.vocabulary import DEPLOYMENT_TAG, Slot, Stage

#: A mark: nothing has to be read any more until the warm time ends.
SCALING_HANDED_OVER = "scaling_handed_over"


@dataclass(frozen=True, kw_only=True)
class Observed:
    """None or empty means: not read at this stage. A service that is gone is absent from `services`."""

    services: Mapping[Slot, Service] = field(default_factory=dict)
    #: the one that is named first
    production: Rule | None = None
    #: the further production rules that are there
    more: tuple[Rule, ...] = ()
    test: Rule | None = None
    #: every rule of the load balancer
    routes: tuple[Route, ...] = ()
    measured: Measured = Measured()
    live_definition: TaskDefinition | None = None
    registered: TaskDefinition | None = None
    report: Report | None = None
    one_off: one_off_tasks.Seen = one_off_tasks.Seen()
    scaling: Mapping[Slot, ScalableTarget] = field(default_factory=dict)
    #: of a slot that was scaled to 0, when its tasks are long in going
    protected: tuple[ProtectedTask, ...] = ()

    @property
    def production_rules(self) -> tuple[Rule, ...]:
        """In the order in which they are written: what is said of production as a whole is so when the first one is."""
        return (*self.more, self.production) if self.production else ()

    def healthy(self, slot: Slot) -> int:
        return targets.healthy(targets.of(self.measured, slot))

    def usable(self, slot: Slot) -> Service | None:
        """None when it is gone, or was deleted: AWS shows such a service as DRAINING or INACTIVE for a while."""
        service = self.services.get(slot)
        return service if service and service.status == "ACTIVE" else None


def resource_id(snapshot: Snapshot, slot: Slot) -> str:
    """Application Auto Scaling's name of a service's desired count."""
    return f"service/{snapshot.settings.cluster}/{snapshot.service(slot)}"


def services_needed(snapshot: Snapshot, now: datetime) -> Collection[str]:
    """For batching: which services the next observe reads."""
    reads_services = {Stage.RECONCILE_SERVICE, Stage.SCALE_UP, Stage.PRODUCTION_TRAFFIC_SHIFT, Stage.CLEAN_UP}
    reconciled = snapshot.step.stage == Stage.RECONCILE_SERVICE and revisions.is_reconciled(snapshot)
    rests = _source_still_warm(snapshot, now) or event_watch.wait_for_events(snapshot, now)
    if snapshot.step.stage not in reads_services or reconciled or rests:
        return ()
    return (snapshot.settings.blue_service, snapshot.settings.green_service)


def observe(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    if event_watch.wait_for_events(snapshot, now):
        return Observed()
    return _READERS[snapshot.step.stage](snapshot, gateway, now)


def _reconcile(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    if revisions.is_reconciled(snapshot):
        return Observed()
    gateway, trusted = ReadingOnce(gateway), preflight.IAM_TRUSTED
    report = preflight.run(snapshot.settings, snapshot.artefact, gateway, now, trusted=trusted)
    observed = Observed(report=report)
    if not report.passed:
        return observed
    rule = gateway.rule(snapshot.settings.production_rule)
    more = tuple(gateway.rule(arn) for arn in snapshot.settings.more_production_rules)
    observed = replace(observed, production=rule, more=more, services=_services(snapshot, gateway))
    slot = snapshot.settings.slot_of(rule.live[0]) if len(rule.live) == 1 else None
    if slot is None or slot not in observed.services:
        return observed
    live = gateway.task_definition(observed.services[slot].task_definition)
    registered = None
    if snapshot.intent:  # an earlier try may have registered it before its answer was lost
        registered = gateway.registered_by(live.family, (DEPLOYMENT_TAG, snapshot.key))
    return replace(observed, live_definition=live, registered=registered)


def _pre_scale_up(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    return Observed(one_off=one_off_tasks.observe(snapshot, gateway, now))


def _scale_up(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    _, target = marks.slots(snapshot)
    observed = Observed(
        services=_services(snapshot, gateway),
        measured=two_slots.health_of(snapshot, target, gateway, now),
    )
    if marks.done(snapshot, "scale_up"):
        return observed
    return replace(_production(snapshot, gateway, observed), scaling=_scaling(snapshot, gateway))


def _test_shift(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    return Observed(test=gateway.rule(snapshot.settings.test_rule))


def _post_test(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    wants_evidence = snapshot.step.gate is not None and snapshot.gate is None
    if not wants_evidence:
        return Observed()
    return Observed(
        production=gateway.rule(snapshot.settings.production_rule),
        measured=measure(two_slots.watched(snapshot), gateway, now),
    )


def _production_shift(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    if snapshot.rolling_back:
        return _shift_back(snapshot, gateway, now)
    if marks.done(snapshot, f"shift:{snapshot.position}"):
        return _watch(snapshot, gateway, now)
    before = replace(two_slots.watched(snapshot), since=None)
    observed = Observed(measured=measure(before, gateway, now), services=_services(snapshot, gateway))
    return _production(snapshot, gateway, observed)


def _shift_back(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    source, _ = marks.slots(snapshot)
    observed = Observed(measured=two_slots.health_of(snapshot, source, gateway, now))
    observed = _production(snapshot, gateway, observed)
    if observed.healthy(source) >= (snapshot.facts.desired or 1):
        return observed
    return replace(observed, services=_services(snapshot, gateway))


def _watch(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    watching = replace(watched(snapshot), since=sure(snapshot.facts.shifted_at))
    return _production(snapshot, gateway, Observed(measured=measure(watching, ReadingOnce(gateway), now)))


def _clean_up(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    warm = _source_still_warm(snapshot, now)
    if warm and marks.done(snapshot, SCALING_HANDED_OVER):
        return Observed()
    gateway = ReadingOnce(gateway)
    observed = Observed(
        routes=_routes(snapshot, gateway) if not warm else (),
        services=_services(snapshot, gateway) if not warm else {},
        scaling=_scaling(snapshot, gateway),
        measured=_health_before_the_end(snapshot, gateway, now) if not warm else Measured(),
    )
    observed = replace(observed, protected=_protected(snapshot, gateway, observed, now))
    return _production(snapshot, gateway, observed)


def _health_before_the_end(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Measured:
    """Of the release, before the source is taken away."""
    if snapshot.rolling_back or _is_scaled_down(snapshot):
        return Measured()
    return two_slots.health_of(snapshot, snapshot.target, gateway, now)


def _protected(snapshot: Snapshot, gateway: Gateway, observed: Observed, now: datetime) -> tuple[ProtectedTask, ...]:
    """Asked only when ECS said so, or when it takes too long."""
    source, target = marks.slots(snapshot)
    service = observed.usable(target if snapshot.rolling_back else source)
    if service is None or not service.running or not _is_scaled_down(snapshot):
        return ()
    since = snapshot.step_started_at
    if snapshot.source_kept_until and not snapshot.rolling_back:
        since = max(since, snapshot.source_kept_until)
    if not (protection.is_told(service, since) or protection.is_overdue(since, now)):
        return ()
    return protection.holding(gateway, snapshot.settings.cluster, service.name)


_READERS: Mapping[str, Callable[[Snapshot, Gateway, datetime], Observed]] = {
    Stage.RECONCILE_SERVICE: _reconcile,
    Stage.PRE_SCALE_UP: _pre_scale_up,
    Stage.SCALE_UP: _scale_up,
    Stage.TEST_TRAFFIC_SHIFT: _test_shift,
    Stage.POST_TEST_TRAFFIC_SHIFT: _post_test,
    Stage.PRODUCTION_TRAFFIC_SHIFT: _production_shift,
    Stage.BAKE_TIME: _watch,
    Stage.CLEAN_UP: _clean_up,
}


def _production(snapshot: Snapshot, gateway: Gateway, observed: Observed) -> Observed:
    """With its rules: the first one has to be there."""
    more = snapshot.settings.more_production_rules
    return replace(
        observed,
        production=gateway.rule(snapshot.settings.production_rule),
        more=tuple(gateway.rules_named(more).values()) if more else (),
    )


def _routes(snapshot: Snapshot, gateway: Gateway) -> tuple[Route, ...]:
    """Before tasks are taken away from a slot, in the same look."""
    if _is_scaled_down(snapshot):
        return ()
    return gateway.routes(load_balancer_of(snapshot.settings.production_rule))


def _is_scaled_down(snapshot: Snapshot) -> bool:
    return marks.done(snapshot, "scale_down", marks.of_try(snapshot, "back_scale_down"))


def _services(snapshot: Snapshot, gateway: Gateway) -> dict[Slot, Service]:
    found = gateway.services(
        snapshot.settings.cluster, (snapshot.settings.blue_service, snapshot.settings.green_service)
    )
    return {slot: found[snapshot.service(slot)] for slot in Slot if snapshot.service(slot) in found}


def _scaling(snapshot: Snapshot, gateway: Gateway) -> dict[Slot, ScalableTarget]:
    ids = {slot: resource_id(snapshot, slot) for slot in Slot}
    found = gateway.scalable_targets(tuple(ids.values()))
    return {slot: found[name] for slot, name in ids.items() if name in found}


def _source_still_warm(snapshot: Snapshot, now: datetime) -> bool:
    kept = snapshot.source_kept_until
    return not snapshot.rolling_back and snapshot.step.stage == Stage.CLEAN_UP and kept is not None and now < kept
