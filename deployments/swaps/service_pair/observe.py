"""What SERVICE_PAIR reads at each stage, and no more: nothing at a gate before production, or where AWS tells."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from deployments import preflight
from deployments.aws.protocol import Gateway
from deployments.aws.values import ProtectedTask, Route, Rule, ScalableTarget, Service, Task, TaskDefinition
from deployments.definitions.base import base_of
from deployments.evidence import Measured, measure, targets
from deployments.preflight.report import Report
from deployments.swaps.facts import sure
from deployments.swaps.service_pair import marks, planned, reading
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.watched import watched
from deployments.swaps.steps import event_watch, one_off_tasks, pinned, revisions, two_slots
from deployments.swaps.steps.gate import is_waiting
from deployments.swaps.steps.reading_once import ReadingOnce
from deployments.vocabulary import DEPLOYMENT_TAG, Slot, Stage

#: A mark: until the warm time ends only the services and the rule are looked at, seldom.
SCALING_HANDED_OVER = "scaling_handed_over"


@dataclass(frozen=True, kw_only=True)
class Observed:
    """None or empty means: not read at this stage. A service that is gone is absent from `services`."""

    services: Mapping[Slot, Service] = field(default_factory=dict)
    #: of the services whose images only their tasks tell, where they may have changed
    tasks: Mapping[Slot, tuple[Task, ...]] = field(default_factory=dict)
    #: the one that is named first
    production: Rule | None = None
    #: the further production rules that are there
    more: tuple[Rule, ...] = ()
    test: Rule | None = None
    #: every rule of the load balancer
    routes: tuple[Route, ...] = ()
    measured: Measured = Measured()
    live_definition: TaskDefinition | None = None
    #: what the release's is made from
    base: TaskDefinition | None = None
    #: on the way back, where the source's task definition has to be pinned
    to_pin: pinned.Seen | None = None
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


def services_needed(snapshot: Snapshot, now: datetime) -> Collection[str]:
    """For batching: which services the next observe reads."""
    if event_watch.wait_for_events(snapshot, now) or not _reads_services(snapshot, now):
        return ()
    return (snapshot.settings.blue_service, snapshot.settings.green_service)


def _reads_services(snapshot: Snapshot, now: datetime) -> bool:
    match snapshot.step.stage:
        case Stage.RECONCILE_SERVICE:
            return not revisions.is_reconciled(snapshot)
        case Stage.PRE_SCALE_UP:
            return reading.compares_before_start(snapshot, now)
        case Stage.TEST_TRAFFIC_SHIFT:
            return not snapshot.rolling_back and not marks.done(snapshot, "test_shift")
        case Stage.POST_TEST_TRAFFIC_SHIFT:
            return _wants_evidence(snapshot) or is_waiting(snapshot, now)
        case Stage.PRODUCTION_TRAFFIC_SHIFT:
            return snapshot.rolling_back or not reading.is_passed_through(snapshot)
        case Stage.CLEAN_UP:
            return not reading.is_source_warm(snapshot, now) or marks.done(snapshot, SCALING_HANDED_OVER)
    return True


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
    observed = replace(observed, production=rule, more=more, services=reading.services(snapshot, gateway))
    slot = snapshot.settings.slot_of(rule.live[0]) if len(rule.live) == 1 else None
    if slot is None or slot not in observed.services:
        return observed
    live = gateway.task_definition(observed.services[slot].task_definition)
    if live.images_by_tag:
        name = observed.services[slot].name
        observed = replace(observed, tasks={slot: gateway.tasks(snapshot.settings.cluster, service=name)})
    registered = None
    if snapshot.intent:  # an earlier try may have registered it before its answer was lost
        registered = gateway.registered_by(live.family, (DEPLOYMENT_TAG, snapshot.key))
    base = base_of(snapshot.settings, snapshot.artefact, live, gateway)
    return replace(observed, live_definition=live, base=base, registered=registered)


def _pre_scale_up(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    compared = _rules(snapshot, gateway, _both(snapshot, gateway)) if _reads_services(snapshot, now) else Observed()
    return replace(compared, one_off=one_off_tasks.observe(snapshot, gateway, now))


def _scale_up(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    _, target = marks.slots(snapshot)
    observed = replace(_both(snapshot, gateway), measured=two_slots.health_of(snapshot, target, gateway, now))
    if marks.done(snapshot, "scale_up"):
        return observed
    return replace(_production(snapshot, gateway, observed), scaling=reading.scaling(snapshot, gateway))


def _test_shift(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    compared = _both(snapshot, gateway) if _reads_services(snapshot, now) else Observed()
    return replace(compared, test=gateway.rule(snapshot.settings.test_rule))


def _post_test(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    if not _reads_services(snapshot, now):
        return Observed()
    gateway = ReadingOnce(gateway)
    observed = _rules(snapshot, gateway, _both(snapshot, gateway))
    if not _wants_evidence(snapshot):
        return observed
    return replace(observed, measured=measure(two_slots.watched(snapshot), gateway, now))


def _wants_evidence(snapshot: Snapshot) -> bool:
    return snapshot.step.gate is not None and snapshot.gate is None


def _production_shift(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    if snapshot.rolling_back:
        return _shift_back(snapshot, gateway, now)
    if reading.is_passed_through(snapshot):
        return Observed()
    if marks.done(snapshot, f"shift:{snapshot.position}"):
        return _watch(snapshot, gateway, now)
    gateway = ReadingOnce(gateway)
    before = replace(two_slots.watched(snapshot), since=None)
    observed = replace(_both(snapshot, gateway), measured=measure(before, gateway, now))
    return _production(snapshot, gateway, observed)


def _shift_back(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    source, _ = marks.slots(snapshot)
    observed = replace(_both(snapshot, gateway), measured=two_slots.health_of(snapshot, source, gateway, now))
    if service := observed.usable(source):
        pins = planned.has_to_be_pinned(snapshot, service, observed.tasks.get(source))
        observed = replace(observed, to_pin=pinned.observe(snapshot, gateway) if pins else None)
    return _production(snapshot, gateway, observed)


def _watch(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    gateway = ReadingOnce(gateway)
    watching = replace(watched(snapshot), since=sure(snapshot.facts.shifted_at))
    observed = replace(_both(snapshot, gateway), measured=measure(watching, gateway, now))
    return _production(snapshot, gateway, observed)


def _clean_up(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    if reading.is_source_warm(snapshot, now):
        handed_over = marks.done(snapshot, SCALING_HANDED_OVER)
        seen = _both(snapshot, gateway) if handed_over else Observed(scaling=reading.scaling(snapshot, gateway))
        return _production(snapshot, gateway, seen)
    gateway = ReadingOnce(gateway)
    routes, observed = reading.routes(snapshot, gateway), _both(snapshot, gateway)
    source, target = marks.slots(snapshot)
    emptied = observed.usable(target if snapshot.rolling_back else source)
    observed = replace(
        observed,
        routes=routes,
        scaling={} if reading.is_scaled_down(snapshot) else reading.scaling(snapshot, gateway),
        protected=reading.protected(snapshot, gateway, emptied, now),
        measured=_health_before_the_end(snapshot, gateway, now),
    )
    return _production(snapshot, gateway, observed)


def _health_before_the_end(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Measured:
    """Of the release, before the source is taken away."""
    if snapshot.rolling_back or reading.is_scaled_down(snapshot):
        return Measured()
    return two_slots.health_of(snapshot, snapshot.target, gateway, now)


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


def _both(snapshot: Snapshot, gateway: Gateway) -> Observed:
    """What is compared with what is planned: both services, and tasks where only these can tell."""
    seen = reading.services(snapshot, gateway)
    return Observed(services=seen, tasks=reading.tasks(snapshot, gateway, seen))


def _rules(snapshot: Snapshot, gateway: Gateway, observed: Observed) -> Observed:
    """With those that have to stay as they are while nothing is written; the first one has to be there."""
    settings, found = snapshot.settings, reading.rules(snapshot, gateway)
    return replace(
        observed,
        production=found.get(settings.production_rule) or gateway.rule(settings.production_rule),
        more=tuple(found[arn] for arn in settings.more_production_rules if arn in found),
        test=found.get(settings.test_rule),
    )


def _production(snapshot: Snapshot, gateway: Gateway, observed: Observed) -> Observed:
    """With its rules: the first one has to be there."""
    more = snapshot.settings.more_production_rules
    return replace(
        observed,
        production=gateway.rule(snapshot.settings.production_rule),
        more=tuple(gateway.rules_named(more).values()) if more else (),
    )
