"""Whether CodeDeploy's deployment to servers has ended without us, and whether somebody else has deployed since."""

from dataclasses import replace

from deployments.aws import bundles
from deployments.swaps.code_deploy import following, server_failures, server_options, server_outside
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.decisions import Fail
from deployments.vocabulary import DeploymentKind


def wrong(snapshot: Snapshot, observed: Observed) -> Fail | None:
    """How CodeDeploy ended it, or who deployed since."""
    if turned := following.wrong(snapshot, observed):
        if not server_failures.on_what_is_there(observed.targets) or server_options.goes_past(snapshot):
            return replace(turned, followed=snapshot.settings.kind == DeploymentKind.NORMAL)
        there = bundles.place(snapshot.facts.installed.bundle if snapshot.facts.installed else None)
        return Fail(
            reason=f"{turned.reason} That script is not of {snapshot.artefact.version} but of what is on the server"
            f"{f', {there}' if there else ''}: no release gets past it until *Ignore failures to stop* of the "
            "environment is switched on."
        )
    other = server_outside.since(snapshot, observed)
    return Fail(reason=other.sentence) if other else None
