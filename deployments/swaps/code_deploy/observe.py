"""What is read while CodeDeploy shifts the traffic of an ECS service: its deployment and target, and the rule.

The target is read before the rule: CodeDeploy writes the listener first and tells of it afterwards.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from deployments.aws.codedeploy_values import CodeDeployment, CodeDeployTarget, DeploymentGroup
from deployments.aws.protocol import Gateway
from deployments.aws.values import Rule, Service, TaskDefinition
from deployments.evidence import Measured, measure
from deployments.preflight.report import Report
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.facts import sure
from deployments.swaps.steps import marks, one_off_tasks, revisions, two_slots
from deployments.swaps.steps.gate import is_waiting
from deployments.swaps.steps.task_definition import DEPLOYMENT_TAG
from deployments.vocabulary import Stage


@dataclass(frozen=True, kw_only=True)
class Observed:
    """None or empty means: not read at this step."""

    report: Report | None = None
    group: DeploymentGroup | None = None
    service: Service | None = None
    live_definition: TaskDefinition | None = None
    registered: TaskDefinition | None = None
    one_off: one_off_tasks.Seen = one_off_tasks.Seen()
    #: ours, once it is known
    deployment: CodeDeployment | None = None
    #: someone else's that runs in the same group; read only before ours exists
    stranger: CodeDeployment | None = None
    #: what CodeDeploy started to undo ours
    undoing: CodeDeployment | None = None
    targets: tuple[CodeDeployTarget, ...] = ()
    production: Rule | None = None
    measured: Measured = Measured()

    @property
    def target(self) -> CodeDeployTarget | None:
        """The ECS service, the only target."""
        return self.targets[0] if self.targets else None


def services_needed(snapshot: Snapshot) -> Collection[str]:
    reconciling = snapshot.step.stage == Stage.RECONCILE_SERVICE and not revisions.is_reconciled(snapshot)
    return (snapshot.settings.service_name,) if reconciling else ()


def observe(snapshot: Snapshot, gateway: Gateway, report: Report | None, now: datetime) -> Observed:
    if snapshot.rolling_back:
        return _way_back(snapshot, gateway)
    stage = snapshot.step.stage
    if stage == Stage.RECONCILE_SERVICE:
        return _reconcile(snapshot, gateway, report)
    if stage == Stage.PRE_SCALE_UP:
        return Observed(one_off=one_off_tasks.observe(snapshot, gateway, now))
    if not marks.done(snapshot, "create"):
        return _before_create(snapshot, gateway)
    deployment = known(snapshot, gateway)
    if deployment is None:
        return Observed()
    if is_waiting(snapshot, now) and deployment.status == "Ready":  # people decide, and nothing has happened
        return Observed(deployment=deployment)
    targets = gateway.code_deployment_targets(deployment.id)
    if stage == Stage.TEST_TRAFFIC_SHIFT:
        return Observed(deployment=deployment, targets=targets)
    if stage == Stage.SCALE_UP:
        health = two_slots.health_of(snapshot, snapshot.target, gateway, now)
        return Observed(deployment=deployment, targets=targets, measured=health)
    return _watch(snapshot, gateway, deployment, targets, now)


def ours_among(snapshot: Snapshot, found: Collection[CodeDeployment]) -> CodeDeployment | None:
    """Found by the key in its description; CodeDeploy's own roll backs carry none."""
    return next((each for each in found if mark_of(snapshot) in each.description), None)


def mark_of(snapshot: Snapshot) -> str:
    return f"[tealgate {snapshot.key}]"


def _reconcile(snapshot: Snapshot, gateway: Gateway, report: Report | None) -> Observed:
    settings = snapshot.settings
    if report is None or not report.passed:
        return Observed(report=report)
    service = gateway.services(settings.cluster, [settings.service_name]).get(settings.service_name)
    if service is None:
        return Observed(report=report)
    live = gateway.task_definition(service.task_definition)
    registered = None
    if snapshot.intent:  # an earlier try may have registered it before its answer was lost
        registered = gateway.registered_by(live.family, (DEPLOYMENT_TAG, snapshot.key))
    return Observed(
        report=report,
        group=gateway.deployment_group(settings.codedeploy_application, settings.codedeploy_group),
        service=service,
        live_definition=live,
        registered=registered,
        production=gateway.rule(settings.production_rule),
    )


def _before_create(snapshot: Snapshot, gateway: Gateway) -> Observed:
    settings = snapshot.settings
    newest = gateway.newest_code_deployments(settings.codedeploy_application, settings.codedeploy_group)
    ours = ours_among(snapshot, newest)
    stranger = next((each for each in newest if each is not ours and not each.is_over), None)
    service = gateway.services(settings.cluster, [settings.service_name]).get(settings.service_name)
    rule = gateway.rule(settings.production_rule)
    return Observed(deployment=ours, stranger=stranger, service=service, production=rule)


def known(snapshot: Snapshot, gateway: Gateway) -> CodeDeployment | None:
    number = sure(snapshot.facts.code_deployment)
    return gateway.code_deployments((number,)).get(number)


def _way_back(snapshot: Snapshot, gateway: Gateway) -> Observed:
    settings = snapshot.settings
    if snapshot.facts.code_deployment:
        ours = known(snapshot, gateway)
    else:
        newest = gateway.newest_code_deployments(settings.codedeploy_application, settings.codedeploy_group)
        ours = ours_among(snapshot, newest)
    targets = gateway.code_deployment_targets(ours.id) if ours else ()
    undoing = gateway.code_deployment(ours.rollback_id) if ours and ours.rollback_id else None
    rule = gateway.rule(settings.production_rule)
    return Observed(deployment=ours, undoing=undoing, targets=targets, production=rule)


def _watch(
    snapshot: Snapshot,
    gateway: Gateway,
    deployment: CodeDeployment,
    targets: tuple[CodeDeployTarget, ...],
    now: datetime,
) -> Observed:
    settings = snapshot.settings
    rule = gateway.rule(settings.production_rule)
    service = None
    if snapshot.step.stage == Stage.CLEAN_UP and deployment.status == "Succeeded":
        service = gateway.services(settings.cluster, [settings.service_name]).get(settings.service_name)
    return Observed(
        deployment=deployment,
        service=service,
        targets=targets,
        production=rule,
        measured=measure(two_slots.watched(snapshot), gateway, now),
    )
