"""What ROLLING reads at each stage, and no more: while ECS replaces tasks, one DescribeServices a look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from deployments import preflight
from deployments.aws.errors import AwsError
from deployments.aws.protocol import Gateway
from deployments.aws.values import ProtectedTask, Service, Target, TargetGroup, Task, TaskDefinition
from deployments.definitions.base import base_of
from deployments.evidence import Measured, measure
from deployments.preflight.report import Report
from deployments.preflight.rolling import ROLLING
from deployments.swaps.rolling import earlier, needed, neighbours, polling, rollout, rollout_watch
from deployments.swaps.rolling.facts import Snapshot
from deployments.swaps.rolling.watched import watched
from deployments.swaps.steps import marks, one_off_tasks, pinned, protection
from deployments.swaps.steps.gate import is_waiting
from deployments.swaps.steps.reading_once import ReadingOnce
from deployments.vocabulary import DEPLOYMENT_TAG, DefinitionBase, Stage


@dataclass(frozen=True, kw_only=True)
class Observed:
    """None or empty means: not read at this stage, or for `service` that it is gone."""

    service: Service | None = None
    #: whether the service was read to be compared with the plan before a one-off task
    compared: bool = False
    #: ECS was told just now, so nothing was read
    too_soon: bool = False
    #: preflight looked just now, so nothing was read again before the update
    just_looked: bool = False
    report: Report | None = None
    #: what the report takes from an earlier deployment
    known: earlier.Known | None = None
    live_definition: TaskDefinition | None = None
    #: what the release's is made from
    base: TaskDefinition | None = None
    registered: TaskDefinition | None = None
    target_groups: Mapping[str, TargetGroup] = field(default_factory=dict)
    one_off: one_off_tasks.Seen = one_off_tasks.Seen()
    #: read where a tag names an image and something is about to be written, or has come to its end
    tasks: tuple[Task, ...] = ()
    #: what the way back has to register first
    to_pin: pinned.Seen | None = None
    #: read only when the rollout is about to be given up
    health: tuple[Target, ...] = ()
    stopped: tuple[Task, ...] = ()
    #: old tasks that ECS does not stop; read only when nothing else is missing and they are long in going
    protected: tuple[ProtectedTask, ...] = ()
    measured: Measured = Measured()


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
    tasks = _tasks(snapshot, gateway) if live.images_by_tag else ()
    return Observed(
        report=report,
        known=known,
        service=service,
        live_definition=live,
        base=base_of(settings, artefact, live, gateway),
        registered=registered,
        target_groups=groups,
        tasks=tasks,
    )


def _known(snapshot: Snapshot, gateway: Gateway, now: datetime) -> earlier.Known | None:
    changes_more = snapshot.artefact.task_definition or snapshot.settings.definition_base != DefinitionBase.LIVE
    if not snapshot.earlier or changes_more:
        return None
    try:
        service = read_service(snapshot, gateway)
        live = gateway.task_definition(service.task_definition) if service else None
    except AwsError:  # preflight meets it too, and says it in a sentence
        return None
    return earlier.known(snapshot, service, live, now) if service and live else None


def _pre_scale_up(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    one_off = one_off_tasks.observe(snapshot, gateway, now)
    if not needed.compares(snapshot, now):
        return Observed(one_off=one_off)
    service = read_service(snapshot, gateway)
    # While people think, a tag is resolved again by a deployment only.
    matter = (
        neighbours.restarted(snapshot, service) if is_waiting(snapshot, now) else not needed.is_fresh(snapshot, now)
    )
    return Observed(
        service=service,
        compared=True,
        tasks=_tasks(snapshot, gateway) if snapshot.facts.source_digests and matter else (),
        one_off=one_off,
    )


def _tasks(snapshot: Snapshot, gateway: Gateway) -> tuple[Task, ...]:
    return gateway.running_tasks(snapshot.settings.cluster, snapshot.settings.service_name)


def _scale_up(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    if polling.is_too_soon(snapshot, now):
        return Observed(too_soon=True)
    if needed.just_looked(snapshot, now):
        return Observed(just_looked=True)
    gateway = ReadingOnce(gateway)
    service = read_service(snapshot, gateway)
    if service is None:
        return Observed()
    wanted = pinned.goal(snapshot.facts) if snapshot.rolling_back else snapshot.facts.task_definition
    held = rollout.waits_for_old_tasks(snapshot, service, now)
    cluster, name = snapshot.settings.cluster, snapshot.settings.service_name
    protected = protection.holding(gateway, cluster, name, staying=wanted) if held else ()
    tasks = _tasks(snapshot, gateway) if needed.digests_matter(snapshot, service, wanted) else ()
    forward = marks.done(snapshot, "update") and not snapshot.rolling_back
    measured = rollout_watch.observe(snapshot, service, gateway, now) if forward else Measured()
    observed = Observed(service=service, protected=protected, tasks=tasks, measured=measured)
    if snapshot.rolling_back and neighbours.must_pin(snapshot, service, tasks):
        return replace(observed, to_pin=pinned.observe(snapshot, gateway))
    if not rollout.is_given_up(snapshot, service, now, held=bool(protected)):
        return observed
    tasks = gateway.tasks(cluster, service=name)
    group = snapshot.facts.target_group
    return replace(
        observed,
        stopped=tuple(task for task in tasks if task.stopped and task.task_definition == wanted),
        health=gateway.target_health(group) if group else (),
    )


def _bake(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    gateway = ReadingOnce(gateway)
    measured = measure(watched(snapshot), gateway, now)
    service = read_service(snapshot, gateway)
    # A tag is resolved again by a deployment, and by nothing else.
    anew = bool(snapshot.facts.target_digests) and neighbours.release_restarted(snapshot, service)
    return Observed(service=service, measured=measured, tasks=_tasks(snapshot, gateway) if anew else ())


_READERS: Mapping[str, Callable[[Snapshot, Gateway, datetime], Observed]] = {
    Stage.RECONCILE_SERVICE: _reconcile,
    Stage.PRE_SCALE_UP: _pre_scale_up,
    Stage.SCALE_UP: _scale_up,
    Stage.BAKE_TIME: _bake,
}
