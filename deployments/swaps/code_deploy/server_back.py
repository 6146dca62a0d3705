"""The way back on servers: CodeDeploy's own roll back followed to its end, or where it fails a deployment of ours."""

from dataclasses import replace
from datetime import datetime

from deployments.aws import bundles
from deployments.aws.actions import StopDeployment
from deployments.aws.codedeploy_values import CodeDeployment
from deployments.swaps.code_deploy import back, server_again, server_failures, server_outside, server_source
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.decisions import Act, Advance, Decision, Fail, Wait
from deployments.swaps.steps import marks
from deployments.words import full_stop


def way_back(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    ours = observed.deployment
    if ours is None:
        return _without(snapshot, now)
    if ours.status == "Succeeded":
        return _unheard(snapshot, ours) or server_again.decide(snapshot, observed, ours)
    if not ours.is_over:
        return _stop(snapshot, observed, ours)
    if unheard := _unheard(snapshot, ours):
        return unheard
    kept_from_it = snapshot.facts.installed is not None and snapshot.facts.installed.gone and observed.undoing is None
    failing = None if kept_from_it else back.undone(ours, observed.undoing, snapshot, now, observed.undoing_targets)
    if isinstance(failing, Wait):
        return failing
    undoing = observed.undoing
    if failing is None and undoing is not None:
        return _undone(snapshot, observed, ours, undoing)
    if not marks.any_of(snapshot, "again#") and not server_failures.were_touched(
        (*observed.targets, *observed.undoing_targets)
    ):
        return Advance(
            reason="CodeDeploy had begun nothing on any server, so there is nothing to put back",
            facts=replace(snapshot.facts, percent=0),
        )
    if snapshot.attempt:
        return server_again.decide(snapshot, observed, ours)
    if theirs := server_again.beside(snapshot, observed, ours):
        return theirs
    return _failed(snapshot, observed, ours, failing)


def _stop(snapshot: Snapshot, observed: Observed, ours: CodeDeployment) -> Decision:
    if not observed.no_way_back:
        return back.stop(snapshot, ours)
    act = _only_stopping(snapshot, ours)
    return Wait(reason=act.reason) if marks.done(snapshot, act.mark) else act


def _only_stopping(snapshot: Snapshot, ours: CodeDeployment) -> Act:
    return replace(
        back.stopping(snapshot, ours),
        reason=f"CodeDeploy was told to stop {ours.id}, and not to roll back: what was there cannot be installed again",
        action=StopDeployment(deployment=ours.id, roll_back=False),
    )


def _unheard(snapshot: Snapshot, ours: CodeDeployment) -> Act | None:
    both = back.stopping(snapshot, ours), _only_stopping(snapshot, ours)
    return next((heard for act in both if (heard := marks.unheard(snapshot, act))), None)


def _without(snapshot: Snapshot, now: datetime) -> Decision:
    if snapshot.facts.code_deployment:
        return Fail(reason="CodeDeploy no longer knows it; see which revision the instances have.")
    return back.not_listed_yet(snapshot, now) or Advance(reason="CodeDeploy never started it")


def _undone(snapshot: Snapshot, observed: Observed, ours: CodeDeployment, undoing: CodeDeployment) -> Advance:
    """What somebody brings after that is theirs."""
    what, since = bundles.place(undoing.bundle), ""
    other = server_outside.on_the_way_back(snapshot, observed, ours)
    if other is not None and not bundles.are_same(other.bundle, undoing.bundle):
        since = f". Since then: {server_outside.told(snapshot, other, server_source.name(snapshot))}"
    return Advance(
        reason=f"CodeDeploy installed the last good revision again by {undoing.id}{f': {what}' if what else ''}{since}",
        facts=replace(snapshot.facts, percent=0, warnings=()),
    )


def _failed(snapshot: Snapshot, observed: Observed, ours: CodeDeployment, failing: Fail | None) -> Fail:
    if observed.no_way_back:
        return Fail(
            reason=f"CodeDeploy was kept from rolling back: {observed.no_way_back}, so every server would have left "
            "traffic for it in vain. Put that archive back, then *Retry roll back*, or deploy another release."
        )
    if failing is None:
        why = f": {ours.rollback_message.rstrip('.')}" if ours.rollback_message else ""
        said = f"CodeDeploy did not roll back{why}."
    else:
        said = full_stop(failing.reason)
    if server_source.bundle(snapshot) is None:
        return Fail(reason=f"{said} Deploy the previous release to go back.")
    past = (
        " and goes past failures of that script" if server_failures.on_what_is_there(observed.undoing_targets) else ""
    )
    return Fail(
        reason=f"{said} *Retry roll back* has CodeDeploy install {server_source.name(snapshot)} again{past}; if that "
        "is not what you want, deploy another release."
    )
