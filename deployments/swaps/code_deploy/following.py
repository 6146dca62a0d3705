"""Reading CodeDeploy's deployment: where it is, and whether it has ended without us."""

from deployments.aws.codedeploy_values import CodeDeployTarget
from deployments.swaps.code_deploy import troubles
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.decisions import Fail


def wrong(snapshot: Snapshot, observed: Observed) -> Fail | None:
    deployment = observed.deployment
    if deployment is None:
        return gone(snapshot)
    if deployment.status in ("Failed", "Stopped"):
        return Fail(reason=troubles.sentence(deployment, observed.targets))
    return None


def gone(snapshot: Snapshot) -> Fail:
    known = snapshot.facts.code_deployment
    return Fail(
        reason=f"CodeDeploy no longer knows the deployment {known}: its application or group was deleted or made anew."
    )


def current(target: CodeDeployTarget | None) -> str:
    """The lifecycle event that runs now, or the next one."""
    if target is None:
        return "not started"
    for event in target.events:
        if event.status == "InProgress":
            return event.name
    waiting = next((event.name for event in target.events if not event.is_over), "")
    return f"before {waiting}" if waiting else "at its end"
