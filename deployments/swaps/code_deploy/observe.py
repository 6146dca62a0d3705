"""What is read while CodeDeploy shifts the traffic of an ECS service: its deployment and target, and the rule.

The target is read before the rule: CodeDeploy writes the listener first and tells of it afterwards.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from deployments.aws.appspecs import AppSpecHook
from deployments.aws.codedeploy_values import CodeDeployment, CodeDeployTarget, DeploymentGroup
from deployments.aws.protocol import Gateway
from deployments.evidence import Watched, measure
from deployments.preflight.code_deploy import CODE_DEPLOY
from deployments.swaps.code_deploy import owner_hooks, theirs
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.theirs import Theirs
from deployments.swaps.facts import sure
from deployments.swaps.steps import (
    left_behind,
    marks,
    one_off_tasks,
    one_service,
    one_service_as_planned,
    pinned,
    two_slots,
)
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
    #: the newest of the group that is not ours; read where somebody may have deployed meanwhile
    latest: CodeDeployment | None = None
    #: which came after ours, where ours has ended badly or is to go back
    theirs: Theirs | None = None
    #: what CodeDeploy started to undo ours
    undoing: CodeDeployment | None = None
    #: by which CodeDeploy goes back after ours had finished
    again: CodeDeployment | None = None
    targets: tuple[CodeDeployTarget, ...] = ()
    #: of what undoes ours, where that failed
    undoing_targets: tuple[CodeDeployTarget, ...] = ()
    #: of the owner's last AppSpec; read before anything else is
    hooks: tuple[AppSpecHook, ...] = ()
    #: of the group, newest first; read only where somebody else's may be among them
    newest: tuple[CodeDeployment, ...] = ()
    #: the group's newest, once it is not ours
    other: CodeDeployment | None = None
    #: why what is to be installed again cannot be, in a sentence
    no_way_back: str = ""
    #: the servers' target group, by its ARN
    target_group: str = ""

    @property
    def target(self) -> CodeDeployTarget | None:
        """The ECS service, the only target."""
        return self.targets[0] if self.targets else None


def observe(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    return _with_theirs(snapshot, gateway, _observe(snapshot, gateway, now))


def _observe(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    if snapshot.rolling_back:
        return _way_back(snapshot, gateway)
    stage = snapshot.step.stage
    if stage == Stage.RECONCILE_SERVICE:
        return _reconcile(snapshot, gateway, now)
    if stage == Stage.PRE_SCALE_UP:
        return _pre_scale_up(snapshot, gateway, now)
    if not marks.done(snapshot, "create"):
        return _before_create(snapshot, gateway)
    deployment = known(snapshot, gateway)
    if deployment is None:
        return Observed()
    if is_waiting(snapshot, now) and deployment.status == "Ready":  # people decide, and nothing has happened
        return Observed(deployment=deployment)
    targets = owner_hooks.targets_of(snapshot, gateway, deployment.id)
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
    return replace(observed, group=group, hooks=owner_hooks.read(settings, gateway))


def _pre_scale_up(snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
    before = one_service_as_planned.observe(snapshot, gateway, now)
    observed = Observed(before=before, one_off=one_off_tasks.observe(snapshot, gateway, now))
    differs = one_service_as_planned.difference(snapshot, before)
    if not before.was_read or (is_waiting(snapshot, now) and not differs):
        return observed
    return _with_others(snapshot, observed, gateway)


def _before_create(snapshot: Snapshot, gateway: Gateway) -> Observed:
    before = one_service_as_planned.read(snapshot, gateway)
    observed = Observed(service=before.service, production=before.production, tasks=before.tasks)
    return _with_others(snapshot, observed, gateway)


def _with_others(snapshot: Snapshot, observed: Observed, gateway: Gateway) -> Observed:
    """With ours, if it is there already, and whose deployment is the newest of the group or runs in it."""
    settings = snapshot.settings
    newest = gateway.newest_code_deployments(settings.codedeploy_application, settings.codedeploy_group)
    ours = ours_among(snapshot, newest)
    others = [each for each in newest if each is not ours]
    stranger = next((each for each in others if not each.is_over), None)
    return replace(observed, deployment=ours, stranger=stranger, latest=others[0] if others else None)


def known(snapshot: Snapshot, gateway: Gateway) -> CodeDeployment | None:
    number = sure(snapshot.facts.code_deployment)
    return gateway.code_deployments((number,)).get(number)


def known_or_found(snapshot: Snapshot, gateway: Gateway) -> CodeDeployment | None:
    """Ours, by its number, or by our mark where the answer to its creation was lost."""
    if snapshot.facts.code_deployment:
        return known(snapshot, gateway)
    settings = snapshot.settings
    newest = gateway.newest_code_deployments(settings.codedeploy_application, settings.codedeploy_group)
    return ours_among(snapshot, newest)


def _way_back(snapshot: Snapshot, gateway: Gateway) -> Observed:
    settings, ours = snapshot.settings, known_or_found(snapshot, gateway)
    targets = owner_hooks.targets_of(snapshot, gateway, ours.id) if ours else ()
    undoing = gateway.code_deployment(ours.rollback_id) if ours and ours.rollback_id else None
    rule = gateway.rule(settings.production_rule)
    observed = Observed(deployment=ours, undoing=undoing, targets=targets, production=rule)
    if ours is None or ours.status != "Succeeded":
        over = ours is not None and ours.is_over and (undoing is None or undoing.is_over)
        return _with_the_end(snapshot, gateway, observed, over=over)
    observed = overtaken(snapshot, observed, gateway)
    if pinned.is_wanted(snapshot.facts):
        observed = replace(observed, pin=pinned.observe(snapshot, gateway))
    over = observed.again is not None and observed.again.status == "Succeeded"
    observed = _with_the_end(snapshot, gateway, observed, over=over)
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
    return replace(observed, again=again, stranger=stranger, newest=newest)


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
    observed = Observed(
        deployment=deployment,
        service=one_service.service(snapshot, gateway) if over or _may_go_on(snapshot, deployment) else None,
        targets=targets,
        production=rule,
        measured=measure(_watched(snapshot, deployment, now), ReadingOnce(gateway), now),
        protected=() if over else one_service.protected(snapshot, gateway, now),
    )
    return _with_the_end(snapshot, gateway, observed, over=over)


def _watched(snapshot: Snapshot, deployment: CodeDeployment, now: datetime) -> Watched:
    until = snapshot.source_kept_until
    baked = deployment.status == "Succeeded" or until is None or now >= until
    return replace(two_slots.watched(snapshot), to_the_end=baked and snapshot.step.stage == Stage.BAKE_TIME)


def _may_go_on(snapshot: Snapshot, deployment: CodeDeployment) -> bool:
    """Whether the next that happens may be that CodeDeploy shifts production."""
    return snapshot.step.stage == Stage.PRE_PRODUCTION_TRAFFIC_SHIFT and deployment.status == "Ready"


def _with_the_end(snapshot: Snapshot, gateway: Gateway, observed: Observed, *, over: bool) -> Observed:
    """Read once, at the last look of all, and whose deployment it is when something else runs."""
    if not over or snapshot.step.stage != Stage.CLEAN_UP:
        return observed
    end = one_service_as_planned.observe_end(snapshot, gateway)
    observed = replace(observed, end=end, left=left_behind.observe(snapshot, gateway))
    if not end.was_read:
        return observed
    settings = snapshot.settings
    newest = gateway.newest_code_deployments(settings.codedeploy_application, settings.codedeploy_group)
    return replace(observed, latest=theirs.newest_after(snapshot, newest, observed.deployment))


def _with_theirs(snapshot: Snapshot, gateway: Gateway, observed: Observed) -> Observed:
    """Read once ours has ended badly, and before it goes back."""
    ours, undoing = observed.deployment, observed.undoing
    if ours is None or (undoing is not None and not undoing.is_over):
        return observed
    if ours.status in ("Failed", "Stopped"):
        return replace(observed, theirs=theirs.since(snapshot, gateway, ours))
    other = theirs.newest_after(snapshot, observed.newest, ours) if snapshot.rolling_back else None
    return replace(observed, theirs=theirs.read(snapshot.settings, other, gateway)) if other else observed
