"""What is read while CodeDeploy installs on servers: its deployment and targets, and what else the group has seen."""

from dataclasses import replace
from datetime import datetime

from deployments import preflight
from deployments.aws import errors
from deployments.aws.codedeploy_values import CodeDeployment, DeploymentGroup
from deployments.aws.protocol import Gateway
from deployments.evidence import Watched, measure
from deployments.evidence.providers.cloudwatch_alarms import ALARMS
from deployments.evidence.providers.target_health import TARGET_HEALTH
from deployments.preflight.code_deploy_server import SERVER
from deployments.swaps.code_deploy import server_source
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed, known, known_or_found, ours_among, overtaken
from deployments.swaps.steps import marks
from deployments.swaps.steps.gate import is_waiting
from deployments.swaps.steps.reading_once import ReadingOnce
from deployments.vocabulary import Stage


def observe(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    stage = snapshot.step.stage
    if snapshot.rolling_back:
        return _way_back(snapshot, gateway)
    if stage == Stage.RECONCILE_SERVICE:
        return _reconcile(snapshot, gateway, now)
    if not marks.done(snapshot, "create"):
        return _before_create(snapshot, gateway)
    waits = stage == Stage.PRE_PRODUCTION_TRAFFIC_SHIFT and is_waiting(snapshot, now)
    if waits and (ours := known(snapshot, gateway)) is not None and ours.status == "Ready":
        return Observed(deployment=ours)
    return _followed(snapshot, gateway, now)


def watched(snapshot: Snapshot) -> Watched:
    """The environment's alarms, and from the end of CodeDeploy's work on the target group that servers are in.

    Until then they leave it one by one, and CodeDeploy itself waits for each to be healthy.
    """
    name, group = snapshot.settings.codedeploy_group, snapshot.facts.target_group
    if not group or snapshot.step.stage != Stage.BAKE_TIME:
        return Watched(settings=snapshot.settings, release=name)
    good = [each for each in snapshot.facts.targets if each.label != "Blue" and each.status == "Succeeded"]
    return Watched(settings=snapshot.settings, release=name, target_groups={name: group}, wanted=len(good))


def _reconcile(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    """Preflight has read both already."""
    settings, gateway = snapshot.settings, ReadingOnce(gateway)
    asked = replace(settings, strategy=snapshot.plan.strategy)
    report = preflight.run(asked, snapshot.artefact, gateway, now, SERVER, trusted=preflight.IAM_TRUSTED)
    if not report.passed:
        return Observed(report=report)
    place = settings.codedeploy_application, settings.codedeploy_group
    group, newest = gateway.deployment_group(*place), gateway.newest_code_deployments(*place)
    gone = server_source.problem(group.bundle, gateway) if group.bundle else ""
    behind = _target_group(group, gateway)
    return Observed(report=report, group=group, newest=newest, no_way_back=gone, target_group=behind)


def _target_group(group: DeploymentGroup, gateway: Gateway) -> str:
    """The first whose health is shown to us, where CodeDeploy takes servers out of one and in again; "" without."""
    for name in group.target_groups if group.traffic_control else ():
        try:
            arn = gateway.target_groups_named((name,))[name].arn
            gateway.target_health(arn)
        except (errors.NotFound, errors.Denied):
            continue
        return arn
    return ""


def _before_create(snapshot: Snapshot, gateway: Gateway) -> Observed:
    """The deployments are read only where the group tells of one that was not there when this one began."""
    place = snapshot.settings.codedeploy_application, snapshot.settings.codedeploy_group
    group, noted = gateway.deployment_group(*place), snapshot.facts.installed
    last = group.last_attempted.id if group.last_attempted else ""
    if noted is not None and last == noted.newest and not snapshot.intent:
        return Observed(group=group)
    newest = gateway.newest_code_deployments(*place)
    ours = ours_among(snapshot, newest)
    stranger = next((each for each in newest if each is not ours and not each.is_over), None)
    return Observed(group=group, deployment=ours, stranger=stranger, newest=newest)


def _followed(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    ours = known(snapshot, gateway)
    over = ours is not None and ours.status == "Succeeded"
    baked = over and snapshot.step.stage == Stage.BAKE_TIME  # its targets are as they were
    observed = Observed(
        deployment=ours,
        targets=gateway.code_deployment_targets(ours.id) if ours and not baked else (),
        measured=measure(watched(snapshot), gateway, now, (ALARMS, TARGET_HEALTH)),
    )
    return _beside(snapshot, observed, ours, gateway) if ours and over else observed


def _beside(snapshot: Snapshot, observed: Observed, ours: CodeDeployment, gateway: Gateway) -> Observed:
    """From the end of ours on somebody else may deploy."""
    settings = snapshot.settings
    group = gateway.deployment_group(settings.codedeploy_application, settings.codedeploy_group)
    newest = group.last_attempted.id if group.last_attempted else ours.id
    other = gateway.code_deployment(newest) if newest != ours.id else None
    return replace(observed, group=group, other=other)


def _way_back(snapshot: Snapshot, gateway: Gateway) -> Observed:
    ours = known_or_found(snapshot, gateway)
    if ours is None:
        return Observed()
    undoing = gateway.code_deployment(ours.rollback_id) if ours.rollback_id else None
    failed = undoing is not None and undoing.is_over and undoing.status != "Succeeded"
    observed = Observed(deployment=ours, undoing=undoing, no_way_back=_no_way_back(snapshot, ours, gateway))
    if not marks.done(snapshot, marks.of_try(snapshot, "again")):  # from then on that one's targets matter
        observed = replace(
            observed,
            targets=gateway.code_deployment_targets(ours.id),
            undoing_targets=gateway.code_deployment_targets(undoing.id) if undoing and failed else (),
        )
    retried = snapshot.attempt > 0 and ours.is_over and (failed or undoing is None)
    if ours.status == "Succeeded" or retried:
        return _by_another(snapshot, observed, gateway)
    over = ours.is_over and (undoing is None or undoing.is_over)
    return replace(observed, newest=_newest(snapshot, gateway)) if over else observed


def _newest(snapshot: Snapshot, gateway: Gateway) -> tuple[CodeDeployment, ...]:
    """Somebody else may have deployed since ours ended."""
    settings = snapshot.settings
    return gateway.newest_code_deployments(settings.codedeploy_application, settings.codedeploy_group)


def _no_way_back(snapshot: Snapshot, ours: CodeDeployment, gateway: Gateway) -> str:
    """In place each server leaves traffic to get the old archive again: without one, none would come back."""
    source, group = server_source.bundle(snapshot), snapshot.facts.group
    if source is None or group is None or not group.in_place or ours.rollback_id or ours.status == "Succeeded":
        return ""
    return server_source.problem(source, gateway)


def _by_another(snapshot: Snapshot, observed: Observed, gateway: Gateway) -> Observed:
    """CodeDeploy does not undo it by itself: by which deployment it goes back, or why it cannot."""
    observed = overtaken(snapshot, observed, gateway)
    source = server_source.bundle(snapshot)
    if source is None or observed.again is not None:
        return replace(observed, no_way_back="")
    return replace(observed, no_way_back=server_source.problem(source, gateway))
