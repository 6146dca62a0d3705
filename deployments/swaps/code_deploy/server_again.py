"""The way back on servers when CodeDeploy had finished: the source's bundle is deployed again, as the release's was."""

from dataclasses import replace

from deployments.aws import bundles
from deployments.aws.codedeploy_values import CodeDeployment
from deployments.swaps.code_deploy import back, following, troubles
from deployments.swaps.code_deploy.again import create, go_on_at, of_try, once
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.code_deploy.ready import end_termination_wait
from deployments.swaps.code_deploy.server_plan import config_of
from deployments.swaps.code_deploy.starting import busy_with_another
from deployments.swaps.decisions import Advance, Decision, Fail, Note, Wait
from deployments.swaps.steps import marks
from deployments.vocabulary import Role


def decide(snapshot: Snapshot, observed: Observed, ours: CodeDeployment) -> Decision:
    """`ours` has succeeded. Where nobody knows which release was there before, a person has to deploy it."""
    source, again = snapshot.source_artefact, observed.again
    if source is None or source.bundle is None:
        return back.too_late(snapshot)
    mark = marks.of_try(snapshot, "overtaken")
    if not marks.done(snapshot, mark):
        return Note(
            reason=f"CodeDeploy had finished with {snapshot.artefact.version} before it could be turned back: all "
            f"instances have it. {source.version} is deployed again",
            facts=replace(snapshot.facts, code_deployment=ours.id, percent=100).marked(mark),
            live=Role.TARGET,
        )
    if not marks.done(snapshot, marks.of_try(snapshot, "again")):
        busy = busy_with_another(snapshot, replace(observed, deployment=again))
        config = config_of(snapshot.plan.strategy)
        return busy or create(snapshot, again, bundles.revision(source.bundle), source.version, config)
    if again is None:
        raise ValueError("the deployment that takes the source back was not read")
    if again.status in ("Failed", "Stopped"):
        why = troubles.sentence(again, observed.targets)
        return Fail(reason=f"CodeDeploy did not go back to {source.version}. {why}")
    return _follow(snapshot, observed, again, source.version)


def _follow(snapshot: Snapshot, observed: Observed, again: CodeDeployment, version: str) -> Decision:
    if go_on := go_on_at(snapshot, again, version):
        return go_on
    end = of_try(snapshot, end_termination_wait(again.id, "CodeDeploy was told to end the release's instances now"))
    if again.status == "Succeeded":
        return marks.unheard(snapshot, end) or Advance(
            reason=f"CodeDeploy had finished, so it installed {version} again by {again.id}",
            facts=replace(snapshot.facts, percent=0),
        )
    if again.termination_wait_started:
        return once(snapshot, end)
    return Wait(reason=f"CodeDeploy installs {version} again by {again.id} ({following.current(observed.target)})")
