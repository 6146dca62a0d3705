"""What ROLLING reads at each stage, and no more: while ECS replaces tasks, one DescribeServices a look."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from deployments import preflight
from deployments.aws.errors import AwsError
from deployments.aws.protocol import Gateway
from deployments.aws.values import ProtectedTask, Service, Target, TargetGroup, Task, TaskDefinition
from deployments.evidence import Measured, measure
from deployments.preflight.report import Report
from deployments.preflight.rolling import ROLLING
from deployments.swaps.rolling import earlier, polling, rollout
from deployments.swaps.rolling.facts import Snapshot
from deployments.swaps.rolling.watched import watched
from deployments.swaps.steps import marks, one_off_tasks, protection
from deployments.swaps.steps.reading_once import ReadingOnce
from deployments.vocabulary import DEPLOYMENT_TAG, Stage

#: As long as the service's state is still that of preflight; registering a task definition takes a part of a second.
JUST_NOW = timedelta(seconds=2)


@dataclass(frozen=True, kw_only=True)
class Observed:
    """None or empty means: not read at this stage, or for `service` that it is gone."""

    service: Service | None = None
    #: ECS was told just now, so nothing was read
    too_soon: bool = False
    #: preflight looked just now, so nothing was read again before the update
    just_looked: bool = False
    report: Report | None = None
    #: what the report takes from an earlier deployment
    known: earlier.Known | None = None
    live_definition: TaskDefinition | None = None
    registered: TaskDefinition | None = None
    target_groups: Mapping[str, TargetGroup] = field(default_factory=dict)
    one_off: one_off_tasks.Seen = one_off_tasks.Seen()
    #: read only when the rollout is about to be given up
    health: tuple[Target, ...] = ()
    stopped: tuple[Task, ...] = ()
    #: old tasks that ECS does not stop; read only when nothing else is missing and they are long in going
    protected: tuple[ProtectedTask, ...] = ()
    measured: Measured = Measured()


def services_needed(snapshot: Snapshot, now: datetime) -> Collection[str]:
    """For batching: the service, when the next observe reads it."""
    stage = snapshot.step.stage
    if stage == Stage.PRE_SCALE_UP or (stage == Stage.RECONCILE_SERVICE and marks.done(snapshot, "register")):
        return ()
    if stage == Stage.SCALE_UP and (polling.is_too_soon(snapshot, now) or _just_looked(snapshot, now)):
        return ()
    return (snapshot.settings.service_name,)


def observe(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    return _READERS[snapshot.step.stage](snapshot, gateway, now)


def read_service(snapshot: Snapshot, gateway: Gateway) -> Service | None:
    name = snapshot.settings.service_name
    return gateway.services(snapshot.settings.cluster, (name,)).get(name)


def _reconcile(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    if marks.done(snapshot, "register"):
        return Observed()
    gateway = ReadingOnce(gateway)
    settings, artefact = snapshot.settings, snapshot.artefact
    known, report = _known(snapshot, gateway, now), None
    if known:
        report = preflight.beside(known.preflight, settings, artefact, gateway, now, ROLLING)
    if report is None:
        known = None
        report = preflight.run(settings, artefact, gateway, now, ROLLING, trusted=preflight.IAM_TRUSTED)
    if not report.passed:
        return Observed(report=report)
    service = read_service(snapshot, gateway)
    if service is None:
        return Observed(report=report)
    live = gateway.task_definition(service.task_definition)
    registered = None
    if snapshot.intent:  # an earlier try may have registered it before its answer was lost
        registered = gateway.registered_by(live.family, (DEPLOYMENT_TAG, snapshot.key))
    groups = gateway.target_groups(service.target_groups) if service.target_groups and not known else {}
    return Observed(
        report=report,
        known=known,
        service=service,
        live_definition=live,
        registered=registered,
        target_groups=groups,
    )


def _known(snapshot: Snapshot, gateway: Gateway, now: datetime) -> earlier.Known | None:
    if not snapshot.earlier:
        return None
    try:
        service = read_service(snapshot, gateway)
        live = gateway.task_definition(service.task_definition) if service else None
    except AwsError:  # preflight meets it too, and says it in a sentence
        return None
    return earlier.known(snapshot, service, live, now) if service and live else None


def _pre_scale_up(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    wants_evidence = snapshot.step.gate is not None and snapshot.gate is None
    return Observed(
        service=read_service(snapshot, gateway) if wants_evidence else None,
        one_off=one_off_tasks.observe(snapshot, gateway, now),
    )


def _scale_up(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    if polling.is_too_soon(snapshot, now):
        return Observed(too_soon=True)
    if _just_looked(snapshot, now):
        return Observed(just_looked=True)
    service = read_service(snapshot, gateway)
    if service is None:
        return Observed()
    wanted = snapshot.facts.source_task_definition if snapshot.rolling_back else snapshot.facts.task_definition
    held = rollout.waits_for_old_tasks(snapshot, service, now)
    cluster, name = snapshot.settings.cluster, snapshot.settings.service_name
    protected = protection.holding(gateway, cluster, name, staying=wanted) if held else ()
    observed = Observed(service=service, protected=protected)
    if not rollout.is_given_up(snapshot, service, now, held=bool(protected)):
        return observed
    tasks = gateway.tasks(cluster, service=name)
    group = snapshot.facts.target_group
    return replace(
        observed,
        stopped=tuple(task for task in tasks if task.stopped and task.task_definition == wanted),
        health=gateway.target_health(group) if group else (),
    )


def _just_looked(snapshot: Snapshot, now: datetime) -> bool:
    """Whether the update may go by what preflight read. An update that may have happened is looked for, always."""
    if snapshot.rolling_back or marks.done(snapshot, "update") or marks.may_have_happened(snapshot, "UpdateService"):
        return False
    looked_at = snapshot.facts.looked_at
    return looked_at is not None and now - looked_at <= JUST_NOW


def _bake(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    measured = measure(watched(snapshot), gateway, now)
    return Observed(service=read_service(snapshot, gateway), measured=measured)


_READERS: Mapping[str, Callable[[Snapshot, Gateway, datetime], Observed]] = {
    Stage.RECONCILE_SERVICE: _reconcile,
    Stage.PRE_SCALE_UP: _pre_scale_up,
    Stage.SCALE_UP: _scale_up,
    Stage.BAKE_TIME: _bake,
}
