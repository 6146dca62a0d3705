"""RECONCILE_SERVICE to TEST_TRAFFIC_SHIFT: CodeDeploy is told once, and its deployment followed."""

from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws.actions import CreateDeployment, Made
from deployments.evidence import targets
from deployments.swaps.code_deploy import appspec, following
from deployments.swaps.code_deploy.facts import Group, Snapshot
from deployments.swaps.code_deploy.observe import Observed, mark_of
from deployments.swaps.code_deploy.plan import config_of
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Wait
from deployments.swaps.facts import sure
from deployments.swaps.steps import marks, one_off_tasks, revisions, rules, two_slots, watching
from deployments.swaps.steps.gate import at_gate
from deployments.words import counted

#: All of them: whatever ends it, production has to be where it was.
ROLLBACK_EVENTS = ("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST")
LONGEST_DESCRIPTION = 256


def reconcile(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    if on := revisions.go_on(snapshot):
        return on
    settings, report = snapshot.settings, observed.report
    if report is None:
        raise ValueError("preflight was not run")
    if stopped := revisions.preflight_failure(snapshot, report):
        return stopped
    service, live, rule, group = observed.service, observed.live_definition, observed.production, observed.group
    if service is None or live is None or rule is None or group is None:
        return Fail(reason=f"Service {settings.service_name} does not exist in cluster {settings.cluster}.")
    source = settings.slot_of(rule.live[0]) if len(rule.live) == 1 else None
    if source is None or rules.strangers(snapshot, rule):
        seen = rules.describe(snapshot, rule)
        return Fail(reason=f"Exactly one of the two target groups has to be live, but the listener shows {seen}.")
    return revisions.put_on_other_slot(
        snapshot,
        report,
        source,
        service,
        live,
        observed.registered,
        how="CodeDeploy puts {} on {}",
        facts=replace(snapshot.facts, group=Group.of(group)),
    )


def pre_scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    waiting = at_gate(snapshot, now, lambda: two_slots.evidence(snapshot, observed, now, code_deployment=""))
    like = snapshot.settings.service_name
    return waiting or one_off_tasks.decide(snapshot, observed.one_off, now, like_service=like)


def scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    settings = snapshot.settings
    if not marks.done(snapshot, "create"):
        return _create(snapshot, observed)
    health = targets.of(observed.measured, snapshot.target)
    unhealthy = watching.last_unhealthy(snapshot.facts, health)
    if turned := following.wrong(snapshot, observed):
        return replace(turned, reason=f"{turned.reason} Targets: {unhealthy}.") if unhealthy else turned
    target = observed.target
    sets = target.replacement if target else None
    seen = (
        f"{sets.running} of {counted(sets.desired, 'task runs', 'tasks run')}"
        if sets
        else "no replacement task set yet"
    )
    if target and target.passed("AfterInstall"):
        return Advance(reason=f"CodeDeploy installed it: {seen}", facts=replace(snapshot.facts, healthy_at=now))
    if now - snapshot.step_started_at > timedelta(seconds=settings.scale_up_timeout_seconds):
        return Fail(
            reason=f"{snapshot.artefact.version} was not ready after {settings.scale_up_timeout_seconds} s: {seen}; "
            f"{unhealthy or targets.describe(health)}."
        )
    words = f"; {unhealthy}" if unhealthy else ""
    return Wait(
        reason=f"CodeDeploy installs it ({following.current(target)}): {seen}{words}",
        facts=watching.remembered(snapshot.facts, health),
    )


def _create(snapshot: Snapshot, observed: Observed) -> Decision:
    settings, rule = snapshot.settings, observed.production
    if observed.deployment is None and observed.stranger is not None:
        other = observed.stranger
        return Fail(
            reason=f"The deployment group {settings.codedeploy_group} already runs {other.id} ({other.status}), which "
            "is not Tealgate's; it allows one deployment at a time. Wait until it has ended, or stop it."
        )
    if observed.service is None or rule is None:
        return Fail(reason=f"Service {settings.service_name} does not exist in cluster {settings.cluster}.")
    if observed.deployment is None and [settings.slot_of(group) for group in rule.live] != [snapshot.source]:
        return Fail(
            reason=f"Someone else changed the listener: it shows {rules.describe(snapshot, rule)}, but all traffic "
            f"was on {snapshot.source}."
        )
    return Act(
        reason=f"CodeDeploy was told to deploy {snapshot.artefact.version} to {settings.service_name} by "
        f"{config_of(snapshot.plan.strategy) or sure(snapshot.facts.group).config}",
        action=CreateDeployment(
            application=settings.codedeploy_application,
            group=settings.codedeploy_group,
            revision=appspec.revision(settings, observed.service, sure(snapshot.facts.task_definition)),
            config=config_of(snapshot.plan.strategy),
            description=describe(snapshot),
            rollback_events=ROLLBACK_EVENTS,
        ),
        found=Made(code_deployment=observed.deployment.id) if observed.deployment else None,
        mark="create",
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
