"""What is read of a service of Express Mode: one DescribeServiceDeployments a look, more only where it matters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from deployments import preflight
from deployments.aws.protocol import Gateway
from deployments.aws.values import (
    NativeDeployment,
    ProtectedTask,
    Rule,
    Service,
    ServiceRevision,
    Task,
    TaskDefinition,
)
from deployments.definitions.base import base_of
from deployments.evidence import Measured, measure
from deployments.evidence.providers.cloudwatch_alarms import ALARMS
from deployments.evidence.providers.target_health import TARGET_HEALTH
from deployments.preflight.express import EXPRESS_MODE
from deployments.preflight.report import Report
from deployments.swaps.express.facts import Snapshot
from deployments.swaps.express.watched import watched
from deployments.swaps.steps import marks, one_off_tasks, pinned, protection, service_deployments
from deployments.swaps.steps.gate import is_waiting
from deployments.swaps.steps.reading_once import ReadingOnce
from deployments.vocabulary import DEPLOYMENT_TAG, Stage, Status

UPDATE = "UpdateExpressGatewayService"
#: ECS does nothing more to such a deployment.
ENDED = (Status.SUCCESSFUL, Status.STOPPED, Status.ROLLBACK_SUCCESSFUL, Status.ROLLBACK_FAILED)


@dataclass(frozen=True, kw_only=True)
class Observed:
    """None or empty means: not read at this look, or for `service` and `native` that it is not there."""

    report: Report | None = None
    service: Service | None = None
    live_definition: TaskDefinition | None = None
    #: what the release's is made from
    base: TaskDefinition | None = None
    registered: TaskDefinition | None = None
    #: the one that runs before anything is written; later the release's
    revision: ServiceRevision | None = None
    one_off: one_off_tasks.Seen = one_off_tasks.Seen()
    #: whether the service was read to be compared with what the plan went by
    compared: bool = False
    #: ECS's deployment of the release, and the one by which it goes back after that had finished
    native: NativeDeployment | None = None
    again: NativeDeployment | None = None
    #: what the way back is to name by digests, when it has to deploy that anew
    pin: pinned.Seen | None = None
    rule: Rule | None = None
    tasks: tuple[Task, ...] | None = None
    measured: Measured = Measured()
    protected: tuple[ProtectedTask, ...] = ()


def observe(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    if not snapshot.rolling_back and (before := _BEFORE.get(snapshot.step.stage)):
        return before(snapshot, gateway, now)
    told = marks.done(snapshot, "update")
    if not told and not marks.may_have_happened(snapshot, UPDATE):
        return Observed() if snapshot.rolling_back else _compared(snapshot, gateway)
    native = _native(snapshot, gateway)
    if native is None:
        return Observed(service=service(snapshot, gateway))
    if snapshot.rolling_back:
        return _way_back(snapshot, gateway, native)
    return _under_way(snapshot, gateway, native, now) if told else Observed(native=native)


def reads_service(snapshot: Snapshot) -> bool:
    """Whether the next look reads the service, for batching."""
    if snapshot.rolling_back:
        return False
    if snapshot.step.stage == Stage.RECONCILE_SERVICE:
        return not marks.done(snapshot, "register")
    if snapshot.step.stage == Stage.PRE_SCALE_UP:
        return snapshot.gate is not None
    return snapshot.step.stage == Stage.SCALE_UP and not marks.done(snapshot, "update") and not snapshot.intent


def service(snapshot: Snapshot, gateway: Gateway) -> Service | None:
    name = snapshot.settings.service_name
    return gateway.services(snapshot.settings.cluster, (name,)).get(name)


def _reconcile(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    if marks.done(snapshot, "register"):
        return Observed()
    gateway, settings = ReadingOnce(gateway), snapshot.settings
    report = preflight.run(settings, snapshot.artefact, gateway, now, EXPRESS_MODE, trusted=preflight.IAM_TRUSTED)
    found = service(snapshot, gateway) if report.passed else None
    if found is None:
        return Observed(report=report)
    running = gateway.task_definition(found.task_definition)
    registered = None
    if snapshot.intent:  # an earlier try may have registered it before its answer was lost
        registered = gateway.registered_by(running.family, (DEPLOYMENT_TAG, snapshot.key))
    revisions = gateway.service_revisions(found.revisions[:1]) if found.revisions else {}
    return Observed(
        report=report,
        service=found,
        live_definition=running,
        base=base_of(settings, snapshot.artefact, running, gateway),
        registered=registered,
        revision=next(iter(revisions.values()), None),
        tasks=_tasks(snapshot, gateway) if running.images_by_tag else None,
    )


def _tasks(snapshot: Snapshot, gateway: Gateway) -> tuple[Task, ...]:
    return gateway.running_tasks(snapshot.settings.cluster, snapshot.settings.service_name)


def _pre_scale_up(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    """What people decide on is looked at while they think, and before a one-off task is started."""
    one_off = one_off_tasks.observe(snapshot, gateway, now)
    if one_off.task is not None:
        return Observed(one_off=one_off)
    observed = replace(_compared(snapshot, gateway, digests=not is_waiting(snapshot, now)), one_off=one_off)
    if snapshot.step.gate is None or snapshot.gate is not None:
        return observed
    return replace(observed, measured=measure(watched(snapshot), gateway, now, (ALARMS,)))


def _compared(snapshot: Snapshot, gateway: Gateway, *, digests: bool = True) -> Observed:
    """`digests`: whether its tasks are looked at too, where a tag may have been moved."""
    tasks = _tasks(snapshot, gateway) if digests and snapshot.facts.source_digests else None
    return Observed(service=service(snapshot, gateway), tasks=tasks, compared=True)


def _under_way(snapshot: Snapshot, gateway: Gateway, native: NativeDeployment, now: datetime) -> Observed:
    observed = Observed(native=native)
    if not snapshot.facts.service_deployment:
        found = gateway.service_revisions((native.target_revision,))
        return replace(observed, revision=found.get(native.target_revision))
    if native.status in service_deployments.TURNED_BACK:
        return replace(observed, service=service(snapshot, gateway))
    if snapshot.step.stage == Stage.SCALE_UP:
        return replace(observed, measured=measure(watched(snapshot), gateway, now, (TARGET_HEALTH,)))
    if snapshot.step.stage == Stage.CLEAN_UP and native.status == Status.SUCCESSFUL:
        health = measure(watched(snapshot), gateway, now, (TARGET_HEALTH,))
        return _proof(snapshot, gateway, replace(observed, measured=health))
    baked = native.status == Status.SUCCESSFUL or service_deployments.beyond(native, Stage.BAKE_TIME)
    last = replace(watched(snapshot), to_the_end=baked and snapshot.step.stage == Stage.BAKE_TIME)
    measured = measure(last, ReadingOnce(gateway), now)
    return replace(observed, measured=measured, protected=_protected(snapshot, gateway, now))


def _way_back(snapshot: Snapshot, gateway: Gateway, native: NativeDeployment) -> Observed:
    again = _again(snapshot, gateway, native)
    observed = Observed(native=native, again=again, rule=_rule(snapshot, gateway))
    if native.status == Status.SUCCESSFUL and pinned.is_wanted(snapshot.facts):
        observed = replace(observed, pin=pinned.observe(snapshot, gateway))
    over = again.status in ENDED if again else native.status in (Status.ROLLBACK_SUCCESSFUL, Status.STOPPED)
    if over and snapshot.step.stage == Stage.CLEAN_UP:
        return _proof(snapshot, gateway, observed)
    if native.status in (Status.SUCCESSFUL, Status.STOPPED):
        return replace(observed, service=service(snapshot, gateway))
    return observed


def _proof(snapshot: Snapshot, gateway: Gateway, observed: Observed) -> Observed:
    """What ECS says is done is believed when the service, its tasks and the rule say so too."""
    return replace(
        observed,
        service=service(snapshot, gateway),
        rule=observed.rule or _rule(snapshot, gateway),
        tasks=_tasks(snapshot, gateway),
    )


def _rule(snapshot: Snapshot, gateway: Gateway) -> Rule | None:
    rule = snapshot.facts.production_rule
    return gateway.rules_named((rule,)).get(rule) if rule else None


def _protected(snapshot: Snapshot, gateway: Gateway, now: datetime) -> tuple[ProtectedTask, ...]:
    """Of the release before, asked only when its clean-up takes too long."""
    if snapshot.step.stage != Stage.CLEAN_UP or not protection.is_overdue(snapshot.step_started_at, now):
        return ()
    settings, staying = snapshot.settings, snapshot.facts.task_definition
    return protection.holding(gateway, settings.cluster, settings.service_name, staying=staying)


def _native(snapshot: Snapshot, gateway: Gateway) -> NativeDeployment | None:
    """Ours, by the ARN we know, else by the task definition that only we use."""
    if known := snapshot.facts.service_deployment:
        return gateway.service_deployments([known]).get(known)
    newest = gateway.newest_service_deployments(snapshot.settings.cluster, snapshot.settings.service_name)[:5]
    return service_deployments.deploying(newest, snapshot.facts.task_definition, gateway)


def _again(snapshot: Snapshot, gateway: Gateway, native: NativeDeployment) -> NativeDeployment | None:
    """Listed after ours, with the source's task definition, which older ones may have too."""
    if not marks.done(snapshot, marks.of_try(snapshot, "again")):
        return None
    if known := snapshot.facts.again:
        return gateway.service_deployments([known]).get(known)
    newest = gateway.newest_service_deployments(snapshot.settings.cluster, snapshot.settings.service_name)
    since = newest[: newest.index(native.arn)] if native.arn in newest else newest
    return service_deployments.deploying(since, pinned.goal(snapshot.facts), gateway)


_BEFORE: Mapping[str, Callable[[Snapshot, Gateway, datetime], Observed]] = {
    Stage.RECONCILE_SERVICE: _reconcile,
    Stage.PRE_SCALE_UP: _pre_scale_up,
}
