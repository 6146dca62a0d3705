"""What is read while CodeDeploy shifts the traffic of an ECS service: its deployment and target, and the rule.

The target is read before the rule: CodeDeploy writes the listener first and tells of it afterwards.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from deployments.aws.codedeploy_values import CodeDeployment, CodeDeployTarget, DeploymentGroup
from deployments.aws.protocol import Gateway
from deployments.evidence import measure
from deployments.preflight.code_deploy import CODE_DEPLOY
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.facts import sure
from deployments.swaps.steps import left_behind, marks, one_off_tasks, one_service, two_slots
from deployments.swaps.steps.gate import is_waiting
from deployments.swaps.steps.reading_once import ReadingOnce
from deployments.vocabulary import Stage


@dataclass(frozen=True, kw_only=True)
class Observed(one_service.Look):
    group: DeploymentGroup | None = None
    #: ours, once it is known
    deployment: CodeDeployment | None = None
    #: someone else's that runs in the same group; read only before ours exists
    stranger: CodeDeployment | None = None
    #: what CodeDeploy started to undo ours
    undoing: CodeDeployment | None = None
    #: by which CodeDeploy goes back after ours had finished
    again: CodeDeployment | None = None
    targets: tuple[CodeDeployTarget, ...] = ()

    @property
    def target(self) -> CodeDeployTarget | None:
        """The ECS service, the only target."""
        return self.targets[0] if self.targets else None


def observe(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    if snapshot.rolling_back:
        return _way_back(snapshot, gateway)
    stage = snapshot.step.stage
    if stage == Stage.RECONCILE_SERVICE:
        return _reconcile(snapshot, gateway, now)
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


def mark_of_way_back(snapshot: Snapshot) -> str:
    """Of one try, so that each has a deployment of its own."""
    return f"[tealgate {snapshot.key} back {snapshot.attempt}]"


def _reconcile(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    gateway, settings = ReadingOnce(gateway), snapshot.settings
    observed = one_service.before_anything(snapshot, Observed(), gateway, now, CODE_DEPLOY)
    if observed.service is None:
        return observed
    group = gateway.deployment_group(settings.codedeploy_application, settings.codedeploy_group)
    return replace(observed, group=group)


def _before_create(snapshot: Snapshot, gateway: Gateway) -> Observed:
    settings = snapshot.settings
    newest = gateway.newest_code_deployments(settings.codedeploy_application, settings.codedeploy_group)
    ours = ours_among(snapshot, newest)
    stranger = next((each for each in newest if each is not ours and not each.is_over), None)
    service = one_service.service(snapshot, gateway)
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
    observed = Observed(deployment=ours, undoing=undoing, targets=targets, production=rule)
    if ours is None or ours.status != "Succeeded":
        over = ours is not None and ours.is_over and (undoing is None or undoing.is_over)
        return replace(observed, left=_left_behind(snapshot, gateway, over=over))
    observed = overtaken(snapshot, observed, gateway)
    over = observed.again is not None and observed.again.status == "Succeeded"
    observed = replace(observed, left=_left_behind(snapshot, gateway, over=over))
    known_well = marks.done(snapshot, marks.of_try(snapshot, "again"))
    return observed if known_well else replace(observed, service=one_service.service(snapshot, gateway))


def overtaken(snapshot: Snapshot, observed: Observed, gateway: Gateway) -> Observed:
    """Ours has succeeded: by which deployment it goes back, or which is in the way."""
    settings = snapshot.settings
    if marks.done(snapshot, marks.of_try(snapshot, "again")):
        known = gateway.code_deployment(sure(snapshot.facts.again))
        return replace(observed, again=known, targets=gateway.code_deployment_targets(known.id))
    newest = gateway.newest_code_deployments(settings.codedeploy_application, settings.codedeploy_group)
    again = next((each for each in newest if _takes_back(snapshot, each)), None)
    stranger = next((each for each in newest if each is not again and not each.is_over), None)
    return replace(observed, again=again, stranger=stranger)


def _takes_back(snapshot: Snapshot, each: CodeDeployment) -> bool:
    """One of this try, or one of an earlier try that still runs."""
    if mark_of_way_back(snapshot) in each.description:
        return True
    return not each.is_over and f"[tealgate {snapshot.key} back " in each.description


def _watch(
    snapshot: Snapshot,
    gateway: Gateway,
    deployment: CodeDeployment,
    targets: tuple[CodeDeployTarget, ...],
    now: datetime,
) -> Observed:
    rule = gateway.rule(snapshot.settings.production_rule)
    over = snapshot.step.stage == Stage.CLEAN_UP and deployment.status == "Succeeded"
    return Observed(
        deployment=deployment,
        service=one_service.service(snapshot, gateway) if over else None,
        targets=targets,
        production=rule,
        measured=measure(two_slots.watched(snapshot), gateway, now),
        left=_left_behind(snapshot, gateway, over=over),
        protected=() if over else one_service.protected(snapshot, gateway, now),
    )


def _left_behind(snapshot: Snapshot, gateway: Gateway, *, over: bool) -> left_behind.Seen:
    """Read once, at the last look of all."""
    if not over or snapshot.step.stage != Stage.CLEAN_UP:
        return left_behind.Seen()
    return left_behind.observe(snapshot, gateway)
