"""The way back on servers by a deployment of ours: what was there before is installed again, as the release was.

For a release that CodeDeploy had finished with, and for a roll back of CodeDeploy's own that failed.
"""

from dataclasses import replace

from deployments.aws import bundles
from deployments.aws.codedeploy_values import CodeDeployment
from deployments.preflight.code_deploy_fleet import config_of
from deployments.swaps.code_deploy import (
    back,
    following,
    server_failures,
    server_options,
    server_outside,
    server_source,
    troubles,
)
from deployments.swaps.code_deploy.again import create, go_on_at, of_try, once
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.code_deploy.ready import end_termination_wait
from deployments.swaps.code_deploy.starting import busy_with_another
from deployments.swaps.decisions import Advance, Decision, Fail, Note, Wait
from deployments.swaps.steps import marks
from deployments.vocabulary import Role


def decide(snapshot: Snapshot, observed: Observed, ours: CodeDeployment) -> Decision:
    """`ours` is over. Where nobody knows what was there before, a person has to deploy it."""
    source, again = server_source.bundle(snapshot), observed.again
    if source is None:
        return back.too_late(snapshot)
    if not marks.done(snapshot, marks.of_try(snapshot, "again")):
        if theirs := beside(snapshot, observed, ours):
            return theirs
        return _told(snapshot, observed, ours) or _create(snapshot, observed, ours)
    if again is None:
        raise ValueError("the deployment that takes the source back was not read")
    if again.status in ("Failed", "Stopped"):
        return _failed(snapshot, observed, again)
    return _follow(snapshot, observed, ours, again)


def beside(snapshot: Snapshot, observed: Observed, ours: CodeDeployment) -> Decision | None:
    """What somebody else brought since is left alone, unless it is what we would go back to: that is waited for."""
    other = server_outside.on_the_way_back(snapshot, observed, ours)
    if other is None:
        return None
    is_source = bundles.are_same(other.bundle, server_source.bundle(snapshot))
    if not is_source:
        seen = server_outside.told(snapshot, other, snapshot.artefact.version)
        return Fail(reason=f"{seen}; it was left alone. Deploy the release that you want.")
    whose = server_outside.whose(other)
    if not other.is_over:
        return Wait(reason=f"{whose} installs {server_source.name(snapshot)} again already; it is waited for")
    if other.status != "Succeeded":
        return None
    return Advance(
        reason=f"{server_source.name(snapshot)} was installed again already, by {whose}",
        facts=replace(snapshot.facts, percent=0, warnings=()),
    )


def _told(snapshot: Snapshot, observed: Observed, ours: CodeDeployment) -> Note | None:
    """Said before anything is written, once a try."""
    mark = marks.of_try(snapshot, "overtaken")
    if marks.done(snapshot, mark):
        return None
    done = ours.status == "Succeeded"
    why = (
        f"CodeDeploy had finished with {snapshot.artefact.version} before it could be turned back: all instances have "
        "it"
        if done
        else "CodeDeploy's own roll back failed"
    )
    past = server_failures.on_what_is_there(observed.undoing_targets or snapshot.facts.targets)
    facts = replace(
        snapshot.facts,
        code_deployment=ours.id,
        percent=100 if done else snapshot.facts.percent,
        past_stop_failures=snapshot.facts.past_stop_failures or (past and snapshot.attempt > 0),
    )
    return Note(
        reason=f"{why}. {server_source.name(snapshot)} is deployed again",
        facts=facts.marked(mark),
        live=Role.TARGET if done else None,
    )


def _create(snapshot: Snapshot, observed: Observed, ours: CodeDeployment) -> Decision:
    source, again = server_source.bundle(snapshot), observed.again
    if source is None:
        return back.too_late(snapshot)
    if busy := busy_with_another(snapshot, replace(observed, deployment=again)):
        return busy
    if observed.no_way_back:
        return Fail(
            reason=f"{observed.no_way_back}, so it cannot be installed again, and nothing was changed now. Put that "
            "archive back and retry the roll back, or deploy another release.",
            live=Role.TARGET if ours.status == "Succeeded" else None,
        )
    act = create(
        snapshot,
        again,
        bundles.revision(source),
        server_source.name(snapshot),
        config_of(snapshot.plan.strategy),
    )
    return server_options.chosen(snapshot, act)


def _failed(snapshot: Snapshot, observed: Observed, again: CodeDeployment) -> Fail:
    why, past = troubles.sentence(again, observed.targets), ""
    if server_failures.on_what_is_there(observed.targets) and not server_options.goes_past(snapshot):
        past = " *Retry roll back* goes past failures of that script."
    return Fail(reason=f"CodeDeploy did not go back to {server_source.name(snapshot)}. {why}{past}")


def _follow(snapshot: Snapshot, observed: Observed, ours: CodeDeployment, again: CodeDeployment) -> Decision:
    version = server_source.name(snapshot)
    if go_on := go_on_at(snapshot, again, version):
        return go_on
    end = of_try(snapshot, end_termination_wait(again.id, "CodeDeploy was told to end the release's instances now"))
    if again.status == "Succeeded":
        had = "had finished" if ours.status == "Succeeded" else "could not roll back by itself"
        return marks.unheard(snapshot, end) or Advance(
            reason=f"CodeDeploy {had}, so it installed {version} again by {again.id}" + _not_all(snapshot, observed),
            facts=replace(snapshot.facts, percent=0, warnings=()),
        )
    if again.termination_wait_started:
        return once(snapshot, end)
    return Wait(reason=f"CodeDeploy installs {version} again by {again.id} ({following.current(observed.target)})")


def _not_all(snapshot: Snapshot, observed: Observed) -> str:
    """Servers that failed on the way back as well, which the configuration allows."""
    failed = [target.id for target, _ in server_failures.failures(observed.targets)]
    return f"; but {', '.join(failed)} failed, see its lifecycle events" if failed else ""
