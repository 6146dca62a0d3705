"""The way back: CodeDeploy stops and undoes it by a deployment of its own, which is followed to its end.

It is believed only when the listener shows the source again.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from deployments.aws.actions import StopDeployment
from deployments.aws.codedeploy_values import CodeDeployment, CodeDeployTarget
from deployments.swaps.code_deploy import again, beside, troubles
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Wait
from deployments.swaps.steps import called, marks, rules
from deployments.vocabulary import Role, Stage

#: So long after the end of ours its roll back must have been named, and after a lost answer ours be listed.
NAMED_WITHIN = timedelta(seconds=10)


def decide(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    ours = observed.deployment
    if ours is None:
        return not_listed_yet(snapshot, now) or _without(snapshot, observed)
    if ours.status == "Succeeded":
        unheard = marks.unheard(snapshot, stopping(snapshot, ours))
        return unheard or beside.before_going_back(snapshot, observed) or again.decide(snapshot, observed, ours)
    if not ours.is_over:
        return stop(snapshot, ours)
    if unheard := marks.unheard(snapshot, stopping(snapshot, ours)):
        return unheard
    if waiting := undone(ours, observed.undoing, snapshot, now):
        live = rules.all_on(snapshot, observed.production)
        return replace(waiting, live=live) if isinstance(waiting, Fail) else waiting
    if somebody := beside.after_a_bad_end(snapshot, observed, is_at_source=_at_source(snapshot, observed)):
        return somebody
    if not _at_source(snapshot, observed):
        return Fail(
            reason=f"{_ended(ours)}, but {_shows(snapshot, observed)}. Set the listener right by hand.",
            live=rules.all_on(snapshot, observed.production),
        )
    if snapshot.step.stage == Stage.CLEAN_UP:
        by = f" by {ours.rollback_id}" if ours.rollback_id else ""
        return Advance(reason=f"CodeDeploy rolled it back{by} and removed the release's tasks")
    return Advance(
        reason=f"All production traffic is on {called.old(snapshot)}", facts=replace(snapshot.facts, percent=0)
    )


def stop(snapshot: Snapshot, ours: CodeDeployment) -> Decision:
    act = stopping(snapshot, ours)
    return Wait(reason=act.reason) if marks.done(snapshot, act.mark) else act


def stopping(snapshot: Snapshot, ours: CodeDeployment) -> Act:
    return Act(
        reason=f"CodeDeploy was told to stop {ours.id} and roll back",
        action=StopDeployment(deployment=ours.id),
        mark=marks.of_try(snapshot, "back"),
    )


def undone(
    ours: CodeDeployment,
    undoing: CodeDeployment | None,
    snapshot: Snapshot,
    now: datetime,
    targets: Iterable[CodeDeployTarget] = (),
) -> Wait | Fail | None:
    """`targets` are those of what undoes ours.

    Wait or Fail while CodeDeploy's own roll back is not over well; None when there is nothing to wait for.
    """
    if undoing is None:
        ended = ours.completed_at or snapshot.step_started_at
        if not ours.rollback_message and now - ended < NAMED_WITHIN:
            return Wait(reason=f"{_ended(ours)}; it may name its roll back yet")
        return None
    if not undoing.is_over:
        return Wait(reason=f"CodeDeploy rolls back by {undoing.id} ({undoing.status})")
    if undoing.status != "Succeeded":
        return Fail(reason=f"CodeDeploy could not roll back. {troubles.sentence(undoing, targets)}")
    return None


def not_listed_yet(snapshot: Snapshot, now: datetime) -> Wait | None:
    """A CreateDeployment whose answer was lost: believed too early, CodeDeploy would go on with it."""
    heard = bool(snapshot.facts.code_deployment) or snapshot.position > 0
    if heard or now - snapshot.step_started_at >= NAMED_WITHIN:
        return None
    return Wait(reason="CodeDeploy may list the deployment yet")


def too_late(snapshot: Snapshot) -> Fail:
    return Fail(
        reason=f"CodeDeploy had finished with {snapshot.artefact.version} before it could be turned back. "
        "Deploy the previous release to go back.",
        live=Role.TARGET,
    )


def _without(snapshot: Snapshot, observed: Observed) -> Decision:
    if not snapshot.facts.code_deployment:
        return Advance(reason="CodeDeploy never started it")
    if _at_source(snapshot, observed):
        return Advance(reason=f"CodeDeploy no longer knows it, and all production traffic is on {called.old(snapshot)}")
    return Fail(reason=f"CodeDeploy no longer knows it, and {_shows(snapshot, observed)}. Set it right by hand.")


def _at_source(snapshot: Snapshot, observed: Observed) -> bool:
    rule, source = observed.production, snapshot.source
    return rule is not None and source is not None and rule.share(snapshot.target_group(source)) == 100


def _shows(snapshot: Snapshot, observed: Observed) -> str:
    rule = observed.production
    return f"the listener shows {rules.describe(snapshot, rule) if rule else 'nothing'}"


def _ended(ours: CodeDeployment) -> str:
    return f"CodeDeploy ended {ours.id} as {ours.status}"
