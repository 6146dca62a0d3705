"""A bundle on instances: CodeDeploy is told once, its targets are counted, and its own roll back is followed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws import bundles
from deployments.aws.actions import CreateDeployment, Made
from deployments.evidence import verdict
from deployments.preflight.code_deploy_fleet import config_of
from deployments.preflight.report import Level
from deployments.swaps.code_deploy import (
    following,
    server_failures,
    server_following,
    server_options,
    server_outside,
    server_ready,
)
from deployments.swaps.code_deploy.facts import Group, Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.code_deploy.ready import end_termination_wait, unasked
from deployments.swaps.code_deploy.server_observe import watched
from deployments.swaps.code_deploy.starting import ROLLBACK_EVENTS, alarms_of, busy_with_another, describe
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Note, Wait
from deployments.swaps.facts import sure
from deployments.swaps.steps import marks, revisions, unwatched
from deployments.swaps.steps.as_planned import Difference
from deployments.swaps.steps.gate import at_gate
from deployments.vocabulary import DeploymentKind, Stage
from deployments.words import counted, duration_words, joined


def forward(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    return _STEPS[snapshot.step.stage](snapshot, observed, now)


def _reconcile(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    report, group = observed.report, observed.group
    if report is None:
        raise ValueError("preflight was not run")
    if stopped := revisions.preflight_failure(snapshot, report):
        return stopped
    if group is None or snapshot.artefact.bundle is None:
        return Fail(reason="The deployment group or the release's bundle is not there.")
    return Advance(
        reason=f"{group.name} is quiet and gets {snapshot.artefact.version}",
        facts=replace(
            snapshot.facts,
            preflight=report.results,
            percent=0,
            group=Group.of(group),
            installed=server_outside.noted(group, observed.newest, observed.no_way_back),
            target_group=observed.target_group,
        ),
    )


def _pre_scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    """Whatever somebody else deploys while people think ends it, before anybody clicks."""
    if other := server_outside.before(snapshot, observed):
        return _not_overwritten(snapshot, other)
    evidence = {"at": now.isoformat(), "version": snapshot.artefact.version, "bundle": dict(_bundle(snapshot))}
    return at_gate(snapshot, now, lambda: evidence, may_change_meanwhile=True) or Advance(reason="Approved")


def _not_overwritten(snapshot: Snapshot, other: Difference) -> Fail:
    return Fail(
        reason=f"{other.sentence} It was not overwritten: deploy {snapshot.artefact.version} again if it is to replace "
        "that."
    )


def _scale_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    told = marks.done(snapshot, "create")
    return server_ready.installed(snapshot, observed) if told else _create(snapshot, observed)


def _install(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    deployment = observed.deployment
    if not marks.done(snapshot, "create"):
        return _create(snapshot, observed)
    if turned := server_following.wrong(snapshot, observed):
        return turned
    if deployment is None:
        return following.gone(snapshot)
    if deployment.status == "Ready":
        return unasked(snapshot, deployment.id)
    instances = [target for target in observed.targets if target.label != "Blue"]
    ready = sum(target.status == "Succeeded" for target in instances)
    percent = round(100 * ready / len(instances), 1) if instances else 0
    told = f"{snapshot.artefact.version} is on {ready} of {counted(len(instances), 'instance')}"
    if failed := [target.id for target, _ in server_failures.failures(instances)]:
        told += f"; {joined(failed)} failed"
    warnings = server_failures.warnings(snapshot, observed.targets)
    facts = replace(snapshot.facts, warnings=warnings, percent=percent)
    is_over = deployment.status == "Succeeded" or deployment.termination_wait_started
    if facts != snapshot.facts and not is_over:
        return Note(reason=told, facts=facts)
    if speaks_against := verdict.problem(watched(snapshot), observed.measured):
        return Fail(reason=speaks_against, facts=facts)
    done = f"CodeDeploy is done: {told}"
    if deployment.status == "Succeeded":
        return Advance(reason=done, facts=facts)
    if deployment.termination_wait_started:
        keep = now + timedelta(minutes=sure(snapshot.facts.group).termination_minutes)
        return Advance(reason=done, keep_source_until=keep, facts=replace(facts, kept_until=keep))
    return Wait(reason=told if instances else "CodeDeploy looks for instances")


def _create(snapshot: Snapshot, observed: Observed) -> Decision:
    settings = snapshot.settings
    if busy := busy_with_another(snapshot, observed):
        return busy
    if observed.deployment is None and (other := server_outside.before(snapshot, observed)):
        return _not_overwritten(snapshot, other)
    config = config_of(snapshot.plan.strategy)
    act = Act(
        reason=f"CodeDeploy was told to install {snapshot.artefact.version} on the instances of "
        f"{settings.codedeploy_group} by {config or sure(snapshot.facts.group).config}"
        + server_outside.same_again(snapshot, observed),
        action=CreateDeployment(
            application=settings.codedeploy_application,
            group=settings.codedeploy_group,
            revision=bundles.revision(_bundle(snapshot)),
            config=config,
            description=describe(snapshot),
            rollback_events=_rollback_events(snapshot),
            alarms=alarms_of(snapshot),
        ),
        found=Made(code_deployment=observed.deployment.id) if observed.deployment else None,
        mark="create",
    )
    return server_options.undoes_itself(snapshot, server_options.chosen(snapshot, act))


def _rollback_events(snapshot: Snapshot) -> tuple[str, ...]:
    """Where what servers had was sick, only a person brings it back."""
    if snapshot.settings.kind == DeploymentKind.NORMAL:
        return ROLLBACK_EVENTS
    return ("DEPLOYMENT_STOP_ON_REQUEST",)


def _bake(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    """In place nothing is kept; in blue/green the originals are, until the termination wait ends."""
    deployment, until = observed.deployment, snapshot.source_kept_until
    if turned := server_following.wrong(snapshot, observed):
        return turned
    if deployment is None:
        return following.gone(snapshot)
    if speaks_against := verdict.problem(watched(snapshot), observed.measured):
        return Fail(reason=speaks_against)
    if deployment.status == "Succeeded" or until is None:
        return _watched_on(snapshot, observed, now)
    if now < until:
        return Wait(reason="The original instances are kept", at_most=until)
    if until < sure(snapshot.facts.kept_until) and not marks.done(snapshot, "finish"):
        return end_termination_wait(deployment.id, "CodeDeploy was told to end the original instances now")
    seconds, seen = 60 * sure(snapshot.facts.group).termination_minutes, f"{snapshot.artefact.version} serves"
    if until >= sure(snapshot.facts.kept_until) and (
        more := unwatched.make_up(snapshot, "CodeDeploy", seen, now, seconds=seconds)
    ):
        return more
    return Advance(reason="The original instances were kept as long as wanted")


def _watched_on(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    """CodeDeploy is done and watches no more; the environment's bake time goes on."""
    seconds = snapshot.step.bake_seconds
    until = snapshot.step_started_at + timedelta(seconds=seconds)
    if now < until:
        told = f"{snapshot.artefact.version} is installed and watched for {duration_words(seconds)}"
        return Wait(reason=told + server_outside.ours_again(snapshot, observed), at_most=until)
    kept = "CodeDeploy keeps no original instances" + server_outside.ours_again(snapshot, observed)
    return Advance(reason=f"Watched for {duration_words(seconds)}; {kept}" if seconds else kept)


def _clean_up(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    deployment = observed.deployment
    if turned := server_following.wrong(snapshot, observed):
        return turned
    if deployment is None:
        return following.gone(snapshot)
    if deployment.status != "Succeeded":
        return Wait(reason="CodeDeploy ends the deployment")
    without = server_failures.without_it(snapshot, observed.targets)
    count = deployment.overview.get("Failed") or len(without)
    failed = f"; {count} failed, which the configuration allows" if count else ""
    named = "".join(f". {each.rstrip('.')}" for each in without)
    return Advance(
        reason=f"{snapshot.artefact.version} is installed{failed}{named}",
        facts=replace(snapshot.facts, warnings=(*without, *_blind_alarms(snapshot))),
    )


def _blind_alarms(snapshot: Snapshot) -> tuple[str, ...]:
    """What preflight said of alarms that measure the Auto Scaling group that is replaced now."""
    group = snapshot.facts.group
    if group is None or group.in_place:
        return ()
    return tuple(
        result.seen
        for result in snapshot.facts.preflight
        if result.check == "alarms-of-servers" and result.level is Level.WARNING
    )


def _bundle(snapshot: Snapshot) -> Mapping[str, str]:
    if snapshot.artefact.bundle is None:
        raise ValueError("the release has no bundle")
    return snapshot.artefact.bundle


_STEPS: Mapping[str, Callable[[Snapshot, Observed, datetime], Decision]] = {
    Stage.RECONCILE_SERVICE: _reconcile,
    Stage.PRE_SCALE_UP: _pre_scale_up,
    Stage.SCALE_UP: _scale_up,
    Stage.PRE_PRODUCTION_TRAFFIC_SHIFT: server_ready.at_gate,
    Stage.PRODUCTION_TRAFFIC_SHIFT: _install,
    Stage.BAKE_TIME: _bake,
    Stage.CLEAN_UP: _clean_up,
}
