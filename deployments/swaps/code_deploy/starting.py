"""RECONCILE_SERVICE to TEST_TRAFFIC_SHIFT: CodeDeploy is told once, and its deployment followed."""

from dataclasses import replace
from datetime import datetime

from deployments import red
from deployments.aws.actions import CreateDeployment, Made
from deployments.evidence import targets
from deployments.red import Ailment
from deployments.swaps.code_deploy import appspec, following
from deployments.swaps.code_deploy.facts import Group, Snapshot
from deployments.swaps.code_deploy.observe import Observed, mark_of
from deployments.swaps.code_deploy.plan import config_of
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Wait
from deployments.swaps.facts import sure
from deployments.swaps.steps import first_release, marks, one_service, one_service_as_planned, watching
from deployments.vocabulary import DeploymentKind
from deployments.words import tasks_run

#: All of them: whatever ends it, production has to be where it was.
ROLLBACK_EVENTS = ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST")
LONGEST_DESCRIPTION = 256


def reconcile(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    group, facts = observed.group, snapshot.facts
    return one_service.reconcile(
        snapshot,
        observed,
        how=lambda new, slot: f"CodeDeploy puts {new} in the other slot ({slot} slot)",
        shown_by="listener",
        facts=replace(facts, group=Group.of(group), hooks=observed.hooks) if group else facts,
    )


def pre_scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    changed = _changed_meanwhile(snapshot, observed, observed.before)
    return one_service.pre_scale_up(snapshot, observed, now, changed=changed, code_deployment="")


def scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    if not marks.done(snapshot, "create"):
        return _create(snapshot, observed)
    health = targets.of(observed.measured, snapshot.target)
    unhealthy = watching.last_unhealthy(snapshot.facts, health)
    if turned := following.wrong(snapshot, observed):
        return replace(turned, reason=f"{turned.reason} Targets: {unhealthy}.") if unhealthy else turned
    target = observed.target
    sets = target.replacement if target else None
    seen = tasks_run(sets.running, sets.desired) if sets else "no replacement task set yet"
    if target and target.passed("AfterInstall"):
        return Advance(reason=f"CodeDeploy installed it: {seen}", facts=replace(snapshot.facts, healthy_at=now))
    if held := following.hook_that_runs(target):
        return Wait(reason=held, facts=replace(snapshot.facts, owner_held_at=now))
    if late := watching.late(snapshot, health, now, seen=seen, since=snapshot.facts.owner_held_at):
        return Fail(reason=f"{late}.")
    words = f"; {unhealthy}" if unhealthy else ""
    return Wait(
        reason=f"CodeDeploy installs it ({following.current(target)}): {seen}{words}",
        facts=watching.remembered(snapshot.facts, health),
    )


def _create(snapshot: Snapshot, observed: Observed) -> Decision:
    settings = snapshot.settings
    if busy := busy_with_another(snapshot, observed):
        return busy
    changed = _changed_meanwhile(snapshot, observed, one_service.right_now(observed))
    if changed and observed.deployment is None:
        return Fail(reason=changed)
    if observed.service is None:
        return Fail(reason=f"Service {settings.service_name} does not exist in cluster {settings.cluster}.")
    if scaled := first_release.wanted(snapshot):
        return scaled
    return Act(
        reason=f"CodeDeploy was told to deploy {snapshot.artefact.version} to {settings.service_name} by "
        f"{config_of(snapshot.plan.strategy) or sure(snapshot.facts.group).config}",
        action=CreateDeployment(
            application=settings.codedeploy_application,
            group=settings.codedeploy_group,
            revision=appspec.revision(
                settings, observed.service, sure(snapshot.facts.task_definition), snapshot.facts.hooks
            ),
            config=config_of(snapshot.plan.strategy),
            description=describe(snapshot),
            rollback_events=rollback_events(snapshot),
            alarms=alarms_of(snapshot),
        ),
        found=Made(code_deployment=observed.deployment.id) if observed.deployment else None,
        mark="create",
    )


def rollback_events(snapshot: Snapshot) -> tuple[str, ...]:
    """Where what ran before was sick, an alarm is no reason to bring it back."""
    if snapshot.settings.kind == DeploymentKind.NORMAL:
        return ROLLBACK_EVENTS
    return tuple(each for each in ROLLBACK_EVENTS if each != "DEPLOYMENT_STOP_ON_ALARM")


def alarms_of(snapshot: Snapshot) -> tuple[str, ...] | None:
    """The group's without those that rang before, by which CodeDeploy would stop at once; None: as it has them."""
    known = sure(snapshot.facts.group).alarms
    rang = red.names(snapshot.settings.red, Ailment.ALARM)
    return tuple(name for name in known if name not in rang) if rang & {*known} else None


def _changed_meanwhile(snapshot: Snapshot, observed: Observed, seen: one_service_as_planned.Seen) -> str:
    """Since preflight: a deployment that runs in the group too will change what production runs."""
    whose = following.whose(observed.latest)
    changed = one_service_as_planned.changed_meanwhile(snapshot, seen, shown_by="listener", whose=whose)
    if not changed and seen.was_read and (busy := busy_with_another(snapshot, observed)):
        return busy.reason
    return changed


def busy_with_another(snapshot: Snapshot, observed: Observed) -> Fail | None:
    """A deployment group allows one deployment at a time; ours may be there although nobody heard so."""
    other = observed.stranger
    if observed.deployment is not None or other is None:
        return None
    return Fail(
        reason=f"The deployment group {snapshot.settings.codedeploy_group} already runs {other.id} ({other.status}), "
        "which is not Tealgate's; it allows one deployment at a time. Wait until it has ended, or stop it."
    )


def describe(snapshot: Snapshot) -> str:
    """The key first: it is what finds the deployment again."""
    words = f"{mark_of(snapshot)} {snapshot.artefact.version} to {snapshot.settings.label}"
    return words[:LONGEST_DESCRIPTION]


def test_traffic_shift(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    if turned := following.wrong(snapshot, observed):
        return turned
    target = observed.target
    if target and target.passed("AllowTestTraffic") and target.passed("AfterAllowTestTraffic"):
        return Advance(reason="Test traffic is on the release")
    return Wait(reason=f"CodeDeploy shifts test traffic ({following.current(target)})")
