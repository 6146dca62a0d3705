"""What is read while ECS shifts the traffic: one DescribeServiceDeployments a look, more only where it matters."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from deployments.aws.protocol import Gateway
from deployments.aws.values import NativeDeployment, Rule, Service, TaskDefinition
from deployments.evidence import Measured, measure
from deployments.preflight.report import Report
from deployments.swaps.ecs.facts import Snapshot
from deployments.swaps.steps import marks, one_off_tasks, revisions, two_slots
from deployments.swaps.steps.gate import is_waiting
from deployments.swaps.steps.task_definition import DEPLOYMENT_TAG
from deployments.vocabulary import Stage, Status


@dataclass(frozen=True, kw_only=True)
class Observed:
    """None or empty means: not read at this step."""

    report: Report | None = None
    service: Service | None = None
    live_definition: TaskDefinition | None = None
    registered: TaskDefinition | None = None
    one_off: one_off_tasks.Seen = one_off_tasks.Seen()
    native: NativeDeployment | None = None
    production: Rule | None = None
    measured: Measured = Measured()


def serves(snapshot: Snapshot) -> bool:
    """Whether the release had a share of production at the last look."""
    return bool(snapshot.facts.percent)


def services_needed(snapshot: Snapshot) -> Collection[str]:
    reconciling = snapshot.step.stage == Stage.RECONCILE_SERVICE and not revisions.is_reconciled(snapshot)
    return (snapshot.settings.service_name,) if reconciling else ()


def observe(snapshot: Snapshot, gateway: Gateway, report: Report | None, now: datetime) -> Observed:
    if snapshot.step.stage == Stage.RECONCILE_SERVICE:
        return _reconcile(snapshot, gateway, report)
    if snapshot.step.stage == Stage.PRE_SCALE_UP:
        return Observed(one_off=one_off_tasks.observe(snapshot, gateway, now))
    if not marks.done(snapshot, "update") and not marks.may_have_happened(snapshot, "UpdateService"):
        if snapshot.rolling_back:
            return Observed()
        rule = gateway.rule(snapshot.settings.production_rule)
        return Observed(service=_service(snapshot, gateway), production=rule)
    native = _native(snapshot, gateway)
    if native is None:
        return Observed()
    service = _service(snapshot, gateway) if native.status in (Status.STOP_REQUESTED, Status.STOPPED) else None
    if snapshot.rolling_back:
        return Observed(native=native, service=service, production=gateway.rule(snapshot.settings.production_rule))
    if native.status in (Status.STOP_REQUESTED, Status.STOPPED):
        return Observed(native=native, service=service)
    if is_waiting(snapshot, now) and not serves(snapshot):
        return Observed(native=native)
    if snapshot.step.stage == Stage.SCALE_UP:
        health = two_slots.health_of(snapshot, snapshot.target, gateway, now)
        return Observed(native=native, measured=health)
    return _watch(snapshot, gateway, native, now)


def _reconcile(snapshot: Snapshot, gateway: Gateway, report: Report | None) -> Observed:
    if report is None or not report.passed:
        return Observed(report=report)
    settings = snapshot.settings
    service = _service(snapshot, gateway)
    if service is None:
        return Observed(report=report)
    live = gateway.task_definition(service.task_definition)
    registered = None
    if snapshot.intent:  # an earlier try may have registered it before its answer was lost
        registered = gateway.registered_by(live.family, (DEPLOYMENT_TAG, snapshot.key))
    return Observed(
        report=report,
        service=service,
        live_definition=live,
        registered=registered,
        production=gateway.rule(settings.production_rule),
    )


def _service(snapshot: Snapshot, gateway: Gateway) -> Service | None:
    name = snapshot.settings.service_name
    return gateway.services(snapshot.settings.cluster, [name]).get(name)


def _native(snapshot: Snapshot, gateway: Gateway) -> NativeDeployment | None:
    """Ours, by the ARN we know, else by the task definition that only we use."""
    known = snapshot.facts.service_deployment
    if known:
        return gateway.service_deployments([known]).get(known)
    newest = gateway.newest_service_deployments(snapshot.settings.cluster, snapshot.settings.service_name)[:5]
    found = gateway.service_deployments(newest) if newest else {}
    targets = {native.target_revision for native in found.values() if native.target_revision}
    revisions = gateway.service_revisions(targets) if targets else {}
    for arn in newest:
        revision = revisions.get(found[arn].target_revision) if arn in found else None
        if revision and revision.task_definition == snapshot.facts.task_definition:
            return found[arn]
    return None


def _watch(snapshot: Snapshot, gateway: Gateway, native: NativeDeployment, now: datetime) -> Observed:
    rule = gateway.rule(snapshot.settings.production_rule)
    measured = measure(two_slots.watched(snapshot), gateway, now)
    return Observed(native=native, production=rule, measured=measured)
